import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

/** Stands where rows will be; `height` of one, in pixels. */
export function Loading({ what, rows = 3, height = 64 }: { what: string; rows?: number; height?: number }) {
  return (
    <Stack gap="sm" role="status">
      <VisuallyHidden>{`Loading ${what}`}</VisuallyHidden>
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} height={height} radius="md" />
      ))}
    </Stack>
  );
}
