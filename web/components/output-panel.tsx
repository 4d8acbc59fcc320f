import { Alert, Text } from '@mantine/core';
import { memo, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { showInvisible } from '#shared/safe-text.ts';
import { Section } from '../ui/section.tsx';
import textClasses from '../ui/text.module.css';
import { Mono } from '../ui/visible-text.tsx';
import { formatBytes } from '../util/bytes.ts';
import type { OutputBlock, OutputBuffer } from '../util/output-buffer.ts';
import type { StreamStatus } from '../util/session-stream.ts';

/** Pixels from the bottom within which the view follows new output. */
const nearBottom = 40;
const statusWords: Readonly<Record<StreamStatus, string>> = {
  connecting: 'Connecting…',
  open: 'Live.',
  reconnecting: 'The line dropped; connecting again…',
  ended: '',
  refused: 'The gateway does not let you follow this session.',
};

interface Props {
  session: SessionDetail;
  buffer: OutputBuffer;
  status: StreamStatus;
}

export function OutputPanel({ session, buffer, status }: Props) {
  const { blocks, cut } = useSyncExternalStore(buffer.subscribe, buffer.read);
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [blocks]);
  const onScroll = ({ currentTarget: at }: { currentTarget: HTMLPreElement }) => {
    follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < nearBottom;
  };

  return (
    <Section title="Output">
      {cut && (
        <Alert color="gray" p="xs">
          Only the end is shown. All of it: <Mono>{`hoop exec --session ${session.id}`}</Mono>
        </Alert>
      )}
      {blocks.length > 0 ? (
        <pre ref={box} onScroll={onScroll} className={textClasses.block} tabIndex={0} role="region" aria-label="Output">
          {blocks.map((block) => (
            <Block key={block.key} block={block} />
          ))}
        </pre>
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
        ]
          .filter(Boolean)
          .join(' ')}
      </Text>
    </Section>
  );
}

/** Bytes that are stored and not here yet are on their way; of a terminal they may all be what was typed. */
function emptyWords({ outputBytes, terminal, recordingRemovedAt }: SessionDetail, status: StreamStatus): string {
  if (recordingRemovedAt !== null) return 'The recording is not kept any more: its time was over.';
  if (outputBytes > 0 && !terminal) return 'Loading…';
  return status === 'ended' ? 'The command wrote nothing.' : 'Nothing was written yet.';
}

const Block = memo(function Block({ block: { stream, text } }: { block: OutputBlock }) {
  return <span className={stream === 'stderr' ? textClasses.stderr : undefined}>{printable(text)}</span>;
});

/** Colours of a terminal are left out, other control characters are shown by their number. */
function printable(text: string): string {
  return showInvisible(text.replace(/\u001b\[[0-9;]*m/g, '').replace(/\r\n/g, '\n'));
}
