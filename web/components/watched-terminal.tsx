import { Text } from '@mantine/core';
import { useState } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { sizeWithoutTerminal } from '#shared/recording.ts';
import { LazyTerminal } from '../ui/lazy-terminal.tsx';
import { ReadAloud } from '../ui/read-aloud.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { terminalWords } from '../util/terminal-words.ts';
import { useTerminal } from '../util/use-terminal.ts';

/** A terminal as whoever types into it sees it now. */
export function WatchedTerminal({ session: now }: { session: SessionDetail }) {
  const [session] = useState(now);
  const [readsOut, setReadsOut] = useState(false);
  const { status, onReady, problem } = useTerminal(session, false);
  return (
    <>
      <LazyTerminal
        label="Terminal"
        size={session.envelope.terminal ?? sizeWithoutTerminal}
        screenReader={readsOut}
        onReady={onReady}
      />
      <ReadAloud on={readsOut} onChange={setReadsOut} />
      {problem !== null && <Problem error={problem} />}
      <Text size="xs" c="dimmed" role="status">
        <VisibleText>{terminalWords(status, false).text}</VisibleText>
      </Text>
    </>
  );
}
