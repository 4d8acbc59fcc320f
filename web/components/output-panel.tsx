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

interface Props {
  session: SessionDetail;
  buffer: OutputBuffer;
  status: StreamStatus;
}

type View = 'text' | 'play';

/** What the command wrote: as text, and once it has ended as it happened; a terminal first of all as that. */
export function OutputPanel({ session, buffer, status }: Props) {
  const { state, outputBytes, recordingRemovedAt, terminal } = session;
  const [chosen, setChosen] = useState<View | null>(null);
  const isRecorded = isEndState(state) && outputBytes > 0 && recordingRemovedAt === null;
  const view = isRecorded ? (chosen ?? (terminal ? 'play' : 'text')) : 'text';
  return (
    <Section title="Output">
      {isRecorded && (
        <Group justify="space-between" gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="Show as"
            data={[
              { value: 'text', label: 'Text' },
              { value: 'play', label: 'Recording' },
            ]}
            value={view}
            onChange={(value) => setChosen(value as View)}
          />
          <Downloads session={session} />
        </Group>
      )}
      {view === 'play' ? (
        <Suspense fallback={<Loading what="the recording" rows={5} />}>
          <RecordingPanel session={session} />
        </Suspense>
      ) : (
        <>
          {!isRecorded && <Downloads session={session} />}
          <OutputText session={session} buffer={buffer} status={status} />
        </>
      )}
    </Section>
  );
}
