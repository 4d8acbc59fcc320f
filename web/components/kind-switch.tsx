import { SegmentedControl } from '@mantine/core';
import type { SessionKind } from '#shared/session-states.ts';

const kinds: { value: SessionKind; label: string }[] = [
  { value: 'exec', label: 'Run a script' },
  { value: 'connect', label: 'Open a terminal' },
];

export function KindSwitch({ value, onChange }: { value: SessionKind; onChange: (kind: SessionKind) => void }) {
  return (
    <SegmentedControl
      aria-label="What to do"
      data={kinds}
      value={value}
      onChange={(kind) => onChange(kind === 'connect' ? 'connect' : 'exec')}
      style={{ alignSelf: 'flex-start' }}
    />
  );
}
