/** From a decision to the first byte of output, as `npm run bench -- exec` has it, beside the minimal workflow. */
import { decisionToCli, decisionToStream, minimalSignal, type Bench, type MeasureName } from '../exec/measures.ts';
import { people } from '../exec/people.ts';
import { startBaseline } from '../lib/baseline.ts';
import { hoopStage, type OnStop } from '../lib/stage.ts';
import { Series, type Summary } from '../lib/statistics.ts';
import type { StreamBenchOptions } from './options.ts';

export interface ApprovalResult {
  samples: number;
  /** Milliseconds. */
  measures: Partial<Record<MeasureName, Summary>>;
}

const warmUp = 3;
const measures = [minimalSignal, decisionToStream, decisionToCli];

export function measureApproval(onStop: OnStop, { samples }: StreamBenchOptions): Promise<ApprovalResult> {
  return hoopStage(onStop, async (hoop, later) => {
    const baseline = await startBaseline(hoop.run.temporalAddress);
    later(baseline.stop);
    const series = new Series<MeasureName>();
    const bench: Bench = { hoop, baseline, ...(await people(hoop)), series, traces: { exec: [], decision: [] } };
    for (let round = 0; round < warmUp + samples; round += 1) {
      if (round === warmUp) series.clear();
      for (let turn = 0; turn < measures.length; turn += 1) await measures[(turn + round) % measures.length]?.(bench);
    }
    return { samples, measures: series.summaries() };
  });
}
