/** One death and its aftermath: a command at every step of its life, then a part is killed and comes back. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '#agent/process-mark.ts';
import { runnerFileSchema, type RunnerFile } from '#agent/runner-protocol.ts';
import type { AgentLineProxy } from '../../support/agent-line-proxy.ts';
import { eventually } from '../../support/eventually.ts';
import { runProcess, type ProcessEnd, type RunningProcess } from '../../support/processes.ts';
import type { Stack } from '../../support/stack.ts';
import type { Stores } from './recording.ts';
import { moments, steps, type Step } from './steps.ts';

export interface Scene {
  hoop: Stack;
  proxy: AgentLineProxy;
  stores: Stores;
  folder: string;
}

export interface Cell {
  step: Step;
  /** Also its correlation id. */
  name: string;
  /** What follows the command now; another one after the first was killed. */
  cli: RunningProcess;
  /** What a CLI had shown when it was killed. */
  before?: ProcessEnd;
  startsFile: string;
}

export interface Round {
  cells: Record<Step, Cell>;
  /** When the part that was killed was there again. */
  backAt: number;
}

export interface Death {
  kill(scene: Scene, cells: Cell[]): Promise<void>;
  /** Brings it back as an operator would. */
  back(scene: Scene, cells: Cell[]): Promise<void>;
}

export async function playRound(scene: Scene, victim: string, death: Death): Promise<Round> {
  const { proxy } = scene;
  const folder = join(scene.folder, victim.replaceAll(' ', '-'));
  await mkdir(folder);
  const fifo = (step: Step) => join(folder, `${step.replaceAll(' ', '-')}.go`);
  await runProcess('mkfifo', steps.map(fifo));
  const ask = (step: Step): { cell: Cell; reached: Promise<unknown> } => {
    const { script, reach } = moments[step];
    const name = `${victim} ${step}`.replaceAll(' ', '-');
    const startsFile = join(folder, `${name}.starts`);
    const reached = reach(proxy, name);
    const env = [`CELL=${name}`, `STARTS=${startsFile}`, `GO=${fifo(step)}`].flatMap((pair) => ['-e', pair]);
    const cli = scene.hoop.hoop(['exec', 'free', '-s', '--correlation-id', name, ...env, '-i', script]);
    return { cell: { step, name, cli, startsFile }, reached };
  };
  const asked = steps.filter((step) => step !== 'accepted').map(ask);
  await Promise.all(asked.map(({ cell, reached }) => arrived(cell, reached)));
  // nothing else waits for the runner now: it is held just before it would start the command
  const runner = currentRunner(scene.hoop.home);
  process.kill(runner.process.pid, 'SIGSTOP');
  const last = ask('accepted');
  asked.push(last);
  await arrived(last.cell, last.reached);
  const cells = asked.map(({ cell }) => cell);

  await death.kill(scene, cells);
  if (isAlive(runner.process)) process.kill(runner.process.pid, 'SIGCONT');
  // the commands go on, and end, while it is away
  proxy.release();
  const gates = await Promise.all(steps.filter((step) => moments[step].waits).map((step) => letGo(fifo(step))));
  await death.back(scene, cells);
  const backAt = Date.now();
  await Promise.all(cells.map(({ cli }) => cli.ended));
  await Promise.all(gates.map((gate) => gate.close()));
  return { cells: Object.fromEntries(cells.map((cell) => [cell.step, cell])) as Record<Step, Cell>, backAt };
}

async function arrived(cell: Cell, reached: Promise<unknown>): Promise<void> {
  const { waits, shows } = moments[cell.step];
  const late = (what: string) => () => `${cell.name}: ${what}; ${cell.cli.stderr().slice(0, 500)}`;
  let isReached = false;
  void reached.then(() => (isReached = true));
  await eventually(() => isReached, { describe: late('the frame'), deadlineMs: 60_000 });
  if (waits) await eventually(() => startsOf(cell).length > 0, { describe: late('its start'), deadlineMs: 60_000 });
  if (shows === undefined) return;
  const hasShown = () => cell.cli.stdout().toString().endsWith(shows) && cell.cli.stderr().endsWith(shows);
  await eventually(hasShown, { describe: late('half of its output'), deadlineMs: 60_000 });
}

/** Pids of the processes that the command was. */
export function startsOf({ startsFile }: Cell): number[] {
  try {
    return readFileSync(startsFile, 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

/** Open for both sides, so that it neither waits for a reader nor loses what none has read yet. */
async function letGo(fifo: string): Promise<FileHandle> {
  const gate = await open(fifo, 'r+');
  await gate.write('go\n');
  return gate;
}

export function currentRunner(home: string): RunnerFile {
  const folder = join(home, 'agent', 'runners');
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const files = names.map((name) => runnerFileSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  const [file, ...more] = files.filter((one) => isAlive(one.process));
  if (!file || more.length > 0) throw new Error(`${names.length} runners in ${home}`);
  return file;
}
