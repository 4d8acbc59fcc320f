/** Runs the sweep at intervals: once soon after the start, then for what other replicas left behind. */
import type { Core } from '#core/context.ts';
import { sweep } from '#core/sweep.ts';

const everyMs = 10_000;
/** What is younger is probably still on its way. */
const olderThanMs = 5_000;

export function startSweeper(core: Core): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const round = (): void => {
    running = sweep(core, olderThanMs).catch((error: Error) => core.log.warn({ err: error }, 'the sweep failed'));
  };
  const timer = setInterval(round, everyMs);
  round();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
