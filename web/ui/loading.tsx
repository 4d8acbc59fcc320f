import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

/** Stands where rows will be. */
export function Loading({ what, rows = 3 }: { what: string; rows?: number }) {
  return (
    <Stack gap="sm" role="status">
      <VisuallyHidden>{`Loading ${what}`}</VisuallyHidden>
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} height={64} radius="md" />
      ))}
    </Stack>
  );
}
