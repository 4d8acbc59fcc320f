/** Runs the sweeps at intervals: once soon after the start, then for what other replicas left behind. */
import type { Core } from '#core/context.ts';
import { removeRecordings } from '#core/remove-recordings.ts';
import { reportSweep, reportSweepFailure } from '#core/report-sweep.ts';
import { sweep } from '#core/sweep.ts';
import { sweepClosed, sweepRunning } from '#core/sweep-workflows.ts';

const everyMs = 10_000;
/** What is younger is probably still on its way. */
const olderThanMs = 5_000;
/** 20,000 running workflows are listed with twenty calls. */
const compareEveryMs = 5 * 60_000;

export function startSweeper(core: Core): () => Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  const sweeps = {
    rows: () => sweep(core, olderThanMs),
    // a little less than the interval of the rounds, which jitter
    closed: () => sweepClosed(core, { everyMs: everyMs - 2_000, signal }),
    recordings: () => removeRecordings(core, signal),
    running: () => sweepRunning(core, { everyMs: compareEveryMs, signal }),
  };
  const running = new Map<string, Promise<unknown>>();
  const round = (): void => {
    for (const [what, run] of Object.entries(sweeps)) {
      // a long one holds up no other
      if (running.has(what)) continue;
      const began = performance.now();
      const work = run()
        .then((found) => reportSweep(core, what, found, performance.now() - began))
        .catch(async (error: Error) => {
          if (signal.aborted) return;
          core.log.warn({ what, err: error }, 'the sweep failed');
          await reportSweepFailure(core, what, error).catch(() => undefined); // the log has it
        })
        .finally(() => running.delete(what));
      running.set(what, work);
    }
  };
  const timer = setInterval(round, everyMs);
  round();
  return async () => {
    clearInterval(timer);
    stop.abort();
    await Promise.all(running.values());
  };
}
