/** A whole hoop as users have it: `hoop start` on an empty home, embedded defaults, free ports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { RunFile } from '#workers/supervisor/run-file.ts';
import { removePostgresData } from '#workers/supervisor/postgres/place.ts';
import { eventually } from '#test/support/eventually.ts';
import { SandboxClient } from '#test/support/sandbox-client.ts';
import { startTimed, type TimedProcess, type TimedProcessOptions } from './timed-process.ts';

export interface BenchHoop {
  run: RunFile;
  home: string;
  sandbox: SandboxClient;
  db: pg.Client;
  /** `hoop <args>` as the admin of the first run. */
  cli(args: string[], options?: Omit<TimedProcessOptions, 'env'>): TimedProcess;
  /** What the CLI needs to be that admin, for those who start it themselves. */
  env: NodeJS.ProcessEnv;
  /** The CLI's program, for those who time it without an environment. */
  program: string;
  pids(): Promise<Record<string, number>>;
  /** Of the agent's runner, which is no child of `hoop start`; undefined until a command has run. */
  runnerPid(): Promise<number | undefined>;
  log(name: string): Promise<string>;
}

const readyWithinMs = 180_000;
const stopWithinMs = 30_000;

/** `onStop` gets what stops it, before anything is started. */
export async function startHoop(onStop: (stop: () => Promise<void>) => void): Promise<BenchHoop> {
  const folder = await mkdtemp(join(tmpdir(), 'hoop-bench-'));
  const home = join(folder, 'home');
  const program = join(process.cwd(), 'dist/hoop.js');
  const env = { ...cleanEnvironment(), HOOP_HOME: home };
  const child = spawn(process.execPath, [program, 'start'], {
    env: {
      ...env,
      HOOP_LISTEN: '127.0.0.1:0',
      HOOP_POSTGRES_PORT: '0',
      HOOP_TEMPORAL_PORT: '0',
      HOOP_TEMPORAL_UI_PORT: '0',
      HOOP_SANDBOX_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let screen = '';
  child.stdout.on('data', (data: Buffer) => (screen += data.toString()));

  onStop(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(stopWithinMs) });
      child.kill('SIGTERM');
      await exited.catch(() => child.kill('SIGKILL'));
    }
    await removePostgresData(home);
    await rm(folder, { recursive: true, force: true });
  });

  const run = await eventually(
    async () => {
      if (child.exitCode !== null) return 'ended' as const;
      return JSON.parse(await readFile(join(home, 'run.json'), 'utf8')) as RunFile;
    },
    { deadlineMs: readyWithinMs, everyMs: 100, describe: () => `hoop start:\n${screen}` },
  );
  if (run === 'ended') throw new Error(`hoop start ended:\n${screen}`);
  if (run.sandboxUrl === undefined) throw new Error('hoop start came up without the Slack sandbox');
  const db = new pg.Client({ connectionString: run.databaseUrl });
  await db.connect();
  onStop(() => db.end());
  return {
    run,
    home,
    env,
    program,
    db,
    sandbox: new SandboxClient(run.sandboxUrl),
    cli: (args, options) => startTimed(process.execPath, [program, ...args], { ...options, env }),
    async pids() {
      const text = await readFile(join(home, 'processes.json'), 'utf8');
      const known = JSON.parse(text) as Record<string, { pid: number }>;
      return Object.fromEntries(Object.entries(known).map(([name, { pid }]) => [name, pid]));
    },
    async runnerPid() {
      const runners = join(home, 'agent/runners');
      const name = (await readdir(runners).catch(() => [])).find((one) => one.endsWith('.json'));
      if (name === undefined) return undefined;
      const { process: mark } = JSON.parse(await readFile(join(runners, name), 'utf8')) as { process: { pid: number } };
      return mark.pid;
    },
    log: (name) => readFile(join(home, name), 'utf8'),
  };
}

/** Nothing of a hoop, a Temporal or a database that this shell may be set up for. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(HOOP_|TEMPORAL_|SLACK_|DATABASE_URL$|PG|NODE_OPTIONS$)/.test(name),
    ),
  );
}
