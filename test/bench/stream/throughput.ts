/** One command that writes without a pause, recorded in full, beside the same bytes over other ways. */
import { randomUUID } from 'node:crypto';
import type { BenchHoop } from '../lib/hoop.ts';
import { cpuOf, cpuOfTree, forgetPeak, peakOf, residentOf } from '../lib/memory.ts';
import { hoopStage, signInAdmin, type OnStop } from '../lib/stage.ts';
import { Series, type Summary } from '../lib/statistics.ts';
import { carry, type Carried } from './carry.ts';
import type { StreamBenchOptions } from './options.ts';
import { checkRecording, openPostgresAlone, type Recording } from './recording.ts';
import { createSource } from './source.ts';
import { startSshd } from './sshd.ts';

export const ways = ['pipe', 'ssh', 'Postgres', 'exec'] as const;
export type Way = (typeof ways)[number];
/** Processes of hoop on the way of the bytes. */
export const carriers = ['runner', 'agent', 'gateway', 'CLI', 'postgres'] as const;
export type Carrier = (typeof carriers)[number];

export interface ThroughputResult {
  bytes: number;
  rounds: number;
  /** MB/s, from the start of the process to its exit; of Postgres, from the first row to the last. */
  rate: Partial<Record<Way, Summary>>;
  /** Milliseconds from the start of the process to its first byte. */
  firstByte: Partial<Record<Way, Summary>>;
  /** Milliseconds of processor time a MB of output. */
  cpu: Partial<Record<Carrier, Summary>>;
  /** MB: resident before the first large output, and the most while they flowed. Of the CLI only the most. */
  memory: Partial<Record<Exclude<Carrier, 'postgres'>, { before: number; peak: number }>>;
  /** Of the last round: checked byte for byte, as in each. */
  recording: Recording;
  /** The cipher of its connection, or why it was not measured. */
  ssh: { cipher: string } | { missing: string };
}

const connection = 'bench-stream';
/** Each round takes the ways in another order. */
type Measure = [way: Way, measure: () => Promise<void>];

export function measureThroughput(onStop: OnStop, options: StreamBenchOptions): Promise<ThroughputResult> {
  return hoopStage(onStop, async (hoop, later) => {
    const { bytes, rounds } = options;
    const source = await createSource(hoop.home, bytes);
    const ssh = await startSshd(later, options.sshd);
    const alone = await openPostgresAlone(later, hoop.run.databaseUrl);
    const admin = await signInAdmin(hoop);
    await admin.saveConnection({ name: connection, agent: 'default', command: ['sh'], maxOutput: 2 * bytes });
    // the runner starts with the first command of all
    await hoop.cli(['exec', connection, '-i', 'echo hi'], { expect: 'hi\n' }).ended;

    const [rate, firstByte, cpu] = [new Series<Way>(), new Series<Way>(), new Series<Carrier>()];
    const megabytes = bytes / 1e6;
    const note = (way: Way, took: number) => {
      rate.add(way, (megabytes * 1000) / took);
      console.error(`${way}: ${((megabytes * 1000) / took).toFixed(0)} MB/s`);
    };
    const carried = (way: Way, { total, firstByte: first }: Carried) => {
      note(way, total);
      firstByte.add(way, first);
    };
    const watched = await processesOf(hoop);
    const before = new Map<Carrier, number>();
    const peaks = new Map<Carrier, number>();
    for (const [name, pid] of watched) before.set(name, await residentOf(pid));
    let recording: Recording = { rows: 0, median: 256 * 1024 };

    const exec = async () => {
      const label = randomUUID();
      for (const [, pid] of watched) await forgetPeak(pid);
      const cpuBefore = await cpuNow(hoop);
      const args = [hoop.program, 'exec', connection, '-i', source.script, '--correlation-id', label];
      const done = await carry({ command: process.execPath, args, env: hoop.env, source });
      carried('exec', done);
      for (const [name, ms] of await cpuNow(hoop)) cpu.add(name, (ms - (cpuBefore.get(name) ?? 0)) / megabytes);
      cpu.add('CLI', done.cpu / megabytes);
      for (const [name, pid] of watched) peaks.set(name, Math.max(peaks.get(name) ?? 0, await peakOf(pid)));
      peaks.set('CLI', Math.max(peaks.get('CLI') ?? 0, done.peak));
      recording = await checkRecording(hoop.db, label, source);
    };
    const measures: Measure[] = [
      ['pipe', async () => carried('pipe', await carry({ command: 'sh', args: ['-c', source.script], source }))],
      ['exec', exec],
      ['Postgres', async () => note('Postgres', await alone.insert(source, recording.median))],
    ];
    if (typeof ssh !== 'string') {
      const args = ssh.args(source.script);
      measures.push(['ssh', async () => carried('ssh', await carry({ command: 'ssh', args, source }))]);
    }
    for (let round = 0; round < rounds; round += 1) {
      console.error(`Round ${round + 1} of ${rounds}`);
      for (let turn = 0; turn < measures.length; turn += 1) await measures[(turn + round) % measures.length]?.[1]();
    }
    const memory: ThroughputResult['memory'] = {};
    for (const name of ['runner', 'agent', 'gateway', 'CLI'] as const) {
      memory[name] = { before: before.get(name) ?? 0, peak: peaks.get(name) ?? 0 };
    }
    return {
      ...{ bytes, rounds, memory, recording },
      ...{ rate: rate.summaries(), firstByte: firstByte.summaries(), cpu: cpu.summaries() },
      ssh: typeof ssh === 'string' ? { missing: ssh } : { cipher: ssh.cipher },
    };
  });
}

/** Of hoop's own processes; the CLI is one of each round. */
async function processesOf(hoop: BenchHoop): Promise<[Carrier, number][]> {
  const { agent, gateway } = await hoop.pids();
  const found = { runner: await hoop.runnerPid(), agent, gateway };
  return Object.entries(found).map(([name, pid]) => {
    if (pid === undefined) throw new Error(`there is no ${name}`);
    return [name as Carrier, pid];
  });
}

async function cpuNow(hoop: BenchHoop): Promise<Map<Carrier, number>> {
  const all = new Map<Carrier, number>();
  for (const [name, pid] of await processesOf(hoop)) all.set(name, (await cpuOf(pid)) ?? 0);
  const { postgres } = await hoop.pids();
  if (postgres !== undefined) all.set('postgres', await cpuOfTree(postgres));
  return all;
}
