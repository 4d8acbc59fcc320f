/** Who is killed, how it comes back, and which commands nobody can tell the end of after that. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '#agent/process-mark.ts';
import type { OwnStores } from '../../support/own-stores.ts';
import { eventually } from '../../support/eventually.ts';
import type { PartName } from '../../support/stack.ts';
import { currentRunner, startsOf, type Cell, type Death, type Scene } from './round.ts';
import type { Step } from './steps.ts';

export interface Victim {
  name: string;
  death: Death;
  /** Steps at which a command is lost with it. */
  lost: readonly Step[];
}

/** The runner has it, and has not written its end. */
const running: readonly Step[] = ['accepted', 'started', 'halfway', 'in flight', 'stored'];

const nothing = async (): Promise<void> => undefined;

function part(name: PartName): Death {
  return { kill: ({ hoop }) => hoop.kill(name), back: ({ hoop }) => hoop.start(name) };
}

export function victims(stores: () => OwnStores): Victim[] {
  const store = (name: 'postgres' | 'temporal'): Death => ({
    kill: () => stores().kill(name),
    back: () => stores().start(name),
  });
  return [
    { name: 'gateway', death: part('gateway'), lost: [] },
    { name: 'worker', death: part('worker'), lost: [] },
    { name: 'agent', death: part('agent'), lost: [] },
    { name: 'line', death: { kill: async ({ proxy }) => proxy.cut(), back: nothing }, lost: [] },
    { name: 'CLI', death: { kill: killClis, back: followAgain }, lost: [] },
    { name: 'Postgres', death: store('postgres'), lost: [] },
    { name: 'Temporal', death: store('temporal'), lost: [] },
    { name: 'runner', death: { kill: killRunner, back: nothing }, lost: running },
    { name: 'machine', death: { kill: killMachine, back: part('agent').back }, lost: running },
    {
      name: 'machine with its disk',
      death: { kill: loseMachine, back: part('agent').back },
      lost: ['ordered', ...running, 'exited'],
    },
  ];
}

async function killClis(_scene: Scene, cells: Cell[]): Promise<void> {
  for (const cell of cells) cell.before = await cell.cli.kill();
}

async function followAgain({ hoop, stores }: Scene, cells: Cell[]): Promise<void> {
  for (const cell of cells) {
    const id = (await stores.recording(cell.name))?.id ?? '';
    cell.cli = hoop.hoop(['exec', '--session', id, '-s']);
  }
}

async function killRunner({ hoop }: Scene): Promise<void> {
  const { process: runner } = currentRunner(hoop.home);
  process.kill(runner.pid, 'SIGKILL');
  await eventually(() => !isAlive(runner), { describe: 'the end of the runner', everyMs: 1 });
}

/** Agent, runner and commands at once, as a power cut ends them. */
async function killMachine(scene: Scene, cells: Cell[]): Promise<void> {
  await Promise.all([scene.hoop.kill('agent'), killRunner(scene)]);
  for (const pid of cells.flatMap(startsOf)) killGroup(pid);
}

/** What comes back has the key of the agent, and neither journal nor spool. */
async function loseMachine(scene: Scene, cells: Cell[]): Promise<void> {
  await killMachine(scene, cells);
  const home = join(scene.hoop.home, 'agent');
  for (const name of ['journal.jsonl', 'spool', 'runners']) rmSync(join(home, name), { recursive: true, force: true });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
