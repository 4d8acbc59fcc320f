/**
 * `npm run bench -- exec`: a whole hoop of real processes on embedded defaults, measured beside baselines of the same
 * run, a sample of each in turn, so that what else the machine does falls on all of them alike.
 */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startBaseline } from './lib/baseline.ts';
import { startHoop, type BenchHoop } from './lib/hoop.ts';
import { memoryOf, type Memory } from './lib/memory.ts';
import { parseOptions } from './lib/options.ts';
import { Series } from './lib/statistics.ts';
import { machineOf } from './lib/machine.ts';
import { until } from './lib/stopping.ts';
import { measures, type Bench, type MeasureName } from './exec/measures.ts';
import { people } from './exec/people.ts';
import { targetsOf, textOf, type Result } from './exec/report.ts';
import { stepsOf } from './exec/trace.ts';

const restMs = 10_000;

await until(async (onStop) => {
  const options = parseOptions('exec');
  const loadBefore = loadavg();
  console.error('Starting hoop...');
  const hoop = await startHoop(onStop);
  const baseline = await startBaseline(hoop.run.temporalAddress);
  onStop(baseline.stop);
  const bench: Bench = { hoop, baseline, ...(await people(hoop)), series: new Series(), traces: noTraces() };

  for (let round = 0; round < options.warmUp + options.samples; round += 1) {
    if (round === options.warmUp) {
      bench.series.clear();
      bench.traces = noTraces();
    }
    // Each round begins with another measure, so that none always follows the same one.
    for (let turn = 0; turn < measures.length; turn += 1) {
      await measures[(turn + round) % measures.length]?.(bench);
    }
    console.error(
      `Round ${round + 1} of ${options.warmUp + options.samples}${round < options.warmUp ? ' (warm-up)' : ''}`,
    );
  }
  const loadAfter = loadavg();
  console.error(`Resting ${restMs / 1000} s before memory is looked at...`);
  await wait(restMs);
  const memory = await memoryAtRest(hoop);

  const summaries = Object.fromEntries(
    bench.series.entries().map(([name]) => [name, bench.series.summary(name)]),
  ) as Record<MeasureName, Result['measures'][MeasureName]>;
  const result: Result = {
    subject: 'exec',
    at: new Date().toISOString(),
    machine: machineOf(loadBefore, loadAfter),
    samples: options.samples,
    measures: summaries,
    targets: targetsOf(summaries, memory),
    memory,
    steps: { exec: stepsOf(bench.traces.exec), decision: stepsOf(bench.traces.decision) },
  };
  await writeFile(options.out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${textOf(result)}\n\nAs JSON: ${options.out}`);
});

function noTraces(): Bench['traces'] {
  return { exec: [], decision: [] };
}

async function memoryAtRest(hoop: BenchHoop): Promise<Record<string, Memory>> {
  const pids = await hoop.pids();
  const runners = join(hoop.home, 'agent/runners');
  const runner = (await readdir(runners)).find((name) => name.endsWith('.json'));
  if (runner !== undefined) {
    const { process: mark } = JSON.parse(await readFile(join(runners, runner), 'utf8')) as { process: { pid: number } };
    pids['runner'] = mark.pid;
  }
  pids['hoop start'] = hoop.run.pid;
  const all = await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await memoryOf(pid)] as const));
  return Object.fromEntries(all);
}
