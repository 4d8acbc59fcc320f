import { Alert, Button, Group, SegmentedControl, Text, useComputedColorScheme } from '@mantine/core';
import { memo, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { formatBytes } from '../util/bytes.ts';
import type { OutputBuffer } from '../util/output-buffer.ts';
import type { OutputRun } from '../util/output-lines.ts';
import { cssOf } from '../util/readable-colors.ts';
import type { StreamStatus } from '../util/session-stream.ts';
import { absoluteTime } from '../util/time.ts';
import type { ColorScheme } from '../util/terminal-theme.ts';
import classes from './output-text.module.css';

/** Pixels from the bottom within which the view follows new output. */
const nearBottom = 40;
const statusWords: Readonly<Record<StreamStatus, string>> = {
  connecting: 'Connecting…',
  open: 'Live.',
  reconnecting: 'The line dropped; connecting again…',
  silent: 'The line is silent; reconnecting…',
  ended: '',
  refused: 'The gateway does not let you follow this session.',
};

interface Props {
  session: SessionDetail;
  buffer: OutputBuffer;
  status: StreamStatus;
}

type Shown = 'both' | 'stdout' | 'stderr';

/** What the command wrote, as text with its colours: to read, to search, to copy; live while it runs. */
export function OutputText({ session, buffer, status }: Props) {
  const { blocks, cut } = useSyncExternalStore(buffer.subscribe, buffer.read);
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [wrap, setWrap] = useState(true);
  const [follow, setFollow] = useState(true);
  const [shown, setShown] = useState<Shown>('both');
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (box.current && follow) box.current.scrollTop = box.current.scrollHeight;
  }, [blocks, follow, wrap, shown]);
  const onScroll = ({ currentTarget: at }: { currentTarget: HTMLPreElement }) =>
    setFollow(at.scrollHeight - at.scrollTop - at.clientHeight < nearBottom);
  const stderr = blocks.some(({ runs }) => runs.some(({ stream }) => stream === 'stderr'));

  return (
    <>
      {cut && (
        <Alert color="gray" p="xs">
          Only the end is shown; the download has all of it.
        </Alert>
      )}
      {blocks.length > 0 ? (
        <>
          <Group gap="xs">
            <Toggle label="Wrap lines" on={wrap} onChange={setWrap} />
            {status !== 'ended' && <Toggle label="Follow" on={follow} onChange={setFollow} />}
            {stderr && (
              <SegmentedControl
                size="xs"
                aria-label="Streams"
                data={[
                  { value: 'both', label: 'All' },
                  { value: 'stdout', label: 'stdout' },
                  { value: 'stderr', label: 'stderr' },
                ]}
                value={shown}
                onChange={(value) => setShown(value as Shown)}
              />
            )}
          </Group>
          <pre
            ref={box}
            onScroll={onScroll}
            className={classes.output}
            data-wrap={wrap}
            data-shown={shown}
            tabIndex={0}
            role="region"
            aria-label="What the command wrote"
          >
            {blocks.map(({ key, runs }) => (
              <Block key={key} runs={runs} scheme={scheme} />
            ))}
          </pre>
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {emptyWords(session, status)}
        </Text>
      )}
      <Text size="xs" c="dimmed" role="status">
        {[
          statusWords[status],
          session.outputBytes > 0 && session.recordingRemovedAt === null
            ? `${formatBytes(session.outputBytes)} stored.`
            : '',
          stderr ? 'What went to stderr stands on a tinted ground.' : '',
        ]
          .filter(Boolean)
          .join(' ')}
      </Text>
    </>
  );
}

function Toggle({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <Button size="xs" variant={on ? 'light' : 'default'} aria-pressed={on} onClick={() => onChange(!on)}>
      {label}
    </Button>
  );
}

/** Bytes that are stored and not here yet are on their way; of a terminal they may all be what was typed. */
function emptyWords({ outputBytes, terminal, recordingRemovedAt }: SessionDetail, status: StreamStatus): string {
  if (recordingRemovedAt !== null)
    return `The recording was removed on ${absoluteTime(recordingRemovedAt)}: its connection keeps recordings only for some time.`;
  if (outputBytes > 0 && !terminal) return 'Loading…';
  return status === 'ended' ? 'The command wrote nothing.' : 'Nothing was written yet.';
}

const Block = memo(function Block({ runs, scheme }: { runs: readonly OutputRun[]; scheme: ColorScheme }) {
  return runs.map((run, at) => (
    <span key={at} data-stream={run.stream} style={cssOf(run.style, scheme)}>
      <VisibleText>{run.text}</VisibleText>
    </span>
  ));
});
