/** What a round of a sweep found, or why it failed, is kept for the health page. */
import { saveSweepFailure, saveSweepReport } from '#db/sweep-reports.ts';
import type { Core } from './context.ts';

/** A number of things, or counts by what they are of; null: another replica is at it. */
export type SweepResult = number | object | null;

export async function reportSweep(
  core: Pick<Core, 'db'>,
  name: string,
  result: SweepResult,
  tookMs: number,
): Promise<void> {
  if (result === null) return;
  const found = typeof result === 'number' ? { handled: result } : { ...(result as Record<string, number>) };
  await saveSweepReport(core.db, { name, tookMs, found });
}

export async function reportSweepFailure(core: Pick<Core, 'db'>, name: string, error: Error): Promise<void> {
  await saveSweepFailure(core.db, name, (error.message.split('\n', 1)[0] ?? '').slice(0, 300));
}
