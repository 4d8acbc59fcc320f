import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { sizeWithoutTerminal } from '#shared/recording.ts';
import { LazyTerminal } from '../ui/lazy-terminal.tsx';
import type { TerminalHandle } from '../ui/lazy-terminal.tsx';
import { Loading } from '../ui/loading.tsx';
import { Problem } from '../ui/problem.tsx';
import { ReadAloud } from '../ui/read-aloud.tsx';
import { recordingQuery } from '../data/recordings.ts';
import { RecordingPlayer, type PlayerStatus } from '../util/recording-player.ts';
import type { RecordingSource } from '../util/recording-source.ts';
import { PlayerControls } from './player-controls.tsx';

/** A recording of a session that has ended, to watch as it happened. */
export function RecordingPanel({ session }: { session: SessionDetail }) {
  const recording = useQuery(recordingQuery(session));
  if (recording.isError) return <Problem error={recording.error} onRetry={() => void recording.refetch()} />;
  if (!recording.data) return <Loading what="the recording" rows={3} />;
  const { source, duration } = recording.data;
  if (duration === null)
    return <Text size="sm">This recording has no times: it cannot be played, only downloaded.</Text>;
  return <Player session={session} source={source} total={duration} />;
}

function Player({ session, source, total }: { session: SessionDetail; source: RecordingSource; total: number }) {
  const { terminal } = session.envelope;
  const [firstSize] = useState(() =>
    terminal ? { columns: terminal.columns, rows: terminal.rows } : sizeWithoutTerminal,
  );
  const [player, setPlayer] = useState<RecordingPlayer | null>(null);
  const [readsOut, setReadsOut] = useState(false);
  const [status, setStatus] = useState<PlayerStatus | null>(null);

  const [onReady] = useState(() => (screen: TerminalHandle) => {
    const made = new RecordingPlayer({ source, screen, firstSize, total, onStatus: setStatus });
    setPlayer(made);
    made.seek(0);
    return () => made.close();
  });

  return (
    <>
      <LazyTerminal
        label="Recording"
        size={firstSize}
        convertEol={terminal === null}
        scrollback={1000}
        screenReader={readsOut}
        onReady={onReady}
      />
      <ReadAloud on={readsOut} onChange={setReadsOut} />
      {player && status && <PlayerControls player={player} status={status} />}
    </>
  );
}
