import { Group, SegmentedControl } from '@mantine/core';
import { Suspense, lazy, useState } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { isEndState } from '#shared/session-states.ts';
import { Loading } from '../ui/loading.tsx';
import { Section } from '../ui/section.tsx';
import type { OutputBuffer } from '../util/output-buffer.ts';
import type { StreamStatus } from '../util/session-stream.ts';
import { Downloads } from './downloads.tsx';
import { OutputText } from './output-text.tsx';

const RecordingPanel = lazy(() =>
  import('./recording-panel.tsx').then(({ RecordingPanel: panel }) => ({ default: panel })),
);
const WatchedTerminal = lazy(() =>
  import('./watched-terminal.tsx').then(({ WatchedTerminal: watched }) => ({ default: watched })),
);

interface Props {
  session: SessionDetail;
  buffer: OutputBuffer;
  status: StreamStatus;
}

type View = 'watch' | 'text' | 'play';
const labels: Readonly<Record<View, string>> = { watch: 'Terminal', text: 'Text', play: 'Recording' };

/** What the command wrote: as text, and once it has ended as it happened; a terminal first of all as that. */
export function OutputPanel({ session, buffer, status }: Props) {
  const { state, outputBytes, recordingRemovedAt, terminal } = session;
  const [ranAtFirst] = useState(!isEndState(state));
  const [chosen, setChosen] = useState<View | null>(null);
  const isRecorded = outputBytes > 0 && recordingRemovedAt === null;
  const hasEnded = isEndState(state);
  const views: View[] = [
    // what was watched to its end stays on the screen
    ...(terminal && ranAtFirst ? (['watch'] as const) : []),
    ...(terminal && hasEnded && isRecorded ? (['play', 'text'] as const) : (['text'] as const)),
    ...(!terminal && hasEnded && isRecorded ? (['play'] as const) : []),
  ];
  const view = views.find((one) => one === chosen) ?? views[0];
  return (
    <Section title="Output">
      {(views.length > 1 || isRecorded) && (
        <Group justify="space-between" gap="xs" mih={30}>
          {views.length > 1 ? (
            <SegmentedControl
              size="xs"
              aria-label="Show as"
              data={views.map((value) => ({ value, label: labels[value] }))}
              value={view ?? 'text'}
              onChange={(value) => setChosen(value as View)}
            />
          ) : (
            <span />
          )}
          <Downloads session={session} />
        </Group>
      )}
      <Suspense fallback={<Loading what="the terminal" rows={5} />}>
        {view === 'watch' && <WatchedTerminal session={session} />}
        {view === 'play' && <RecordingPanel session={session} />}
      </Suspense>
      {view === 'text' && <OutputText session={session} buffer={buffer} status={status} />}
    </Section>
  );
}
