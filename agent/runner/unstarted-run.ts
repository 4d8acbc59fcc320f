/** Runs that end without a process. */
import type { Run } from './run.ts';
import { createSpoolWriter } from './spool-writer.ts';

const ignore = () => undefined;
/** There is nothing that could hear of it. */
const deaf = { signal: ignore, stop: ignore, limit: ignore, attach: ignore, resize: ignore, input: ignore };

/** A stop came before the start: the end that it leaves in the spool keeps the command from starting later. */
export function stoppedBeforeStart(sessionId: string, spoolPath: string, onChange: () => void): Run {
  const spool = createSpoolWriter(spoolPath, { onWritten: onChange, onRoom: ignore, onFailure: ignore });
  let ended = false;
  const exit = {
    reason: 'stopped',
    exitCode: null,
    signal: null,
    durationMs: 0,
    message: 'stopped before it started',
  } as const;
  const finished = spool.finish(exit).then(() => {
    ended = true;
    onChange();
  });
  return {
    state: () => ({ sessionId, process: null, ...spool.written(), ended }),
    ...deaf,
    ended: finished,
  };
}

/** Not even the spool could be made (the disk is full): an end with no bytes says so to the agent. */
export function withoutSpool(sessionId: string): Run {
  return {
    state: () => ({ sessionId, process: null, spoolBytes: 0, outputBytes: 0, ended: true }),
    ...deaf,
    ended: Promise.resolve(),
  };
}
