import { Switch } from '@mantine/core';

/** Whether a terminal is read to who does not see it. Not by itself: a full-screen program would never stop talking. */
export function ReadAloud({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  return (
    <Switch
      size="xs"
      label="Read output aloud"
      checked={on}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
  );
}
