/** Real agents and runners in directories of their own, ended with the test. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { isAlive, type ProcessMark } from '#agent/process-mark.ts';
import { runnerFileSchema, type RunnerFile } from '#agent/runner-protocol.ts';
import { eventually } from '#test/support/eventually.ts';
import { FakeGateway } from '#test/support/fake-gateway.ts';
import { agentScript } from './build.ts';

export interface TestAgent {
  home: string;
  child: ChildProcess;
  /** Messages over IPC. */
  messages: { type: string; [field: string]: unknown }[];
  log(): string;
  runner(): RunnerFile;
  /** Ends the agent alone, without a chance to tidy up. */
  kill(): Promise<void>;
  /** Another agent on the same home. */
  again(): Promise<TestAgent>;
}

const atEndOfFile: (() => void | Promise<void>)[] = [];

afterAll(async () => {
  for (const tidy of atEndOfFile.reverse()) await tidy();
});

/** Tidies up after the test, or after the file when no test is running yet (`beforeAll`). */
function onEnd(tidy: () => void | Promise<void>): void {
  try {
    onTestFinished(tidy);
  } catch {
    atEndOfFile.push(tidy);
  }
}

export function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'hoop-agent-'));
  onEnd(async () => {
    await endRunners(home);
    rmSync(home, { recursive: true, force: true });
  });
  return home;
}

export async function startGateway(): Promise<FakeGateway> {
  const gateway = await FakeGateway.start();
  onEnd(() => gateway.stop());
  return gateway;
}

/** Starts an agent; does not wait for anything. */
export async function launchAgent(
  gatewayUrl: string,
  token: string,
  home = makeHome(),
  node = process.execPath,
  env: NodeJS.ProcessEnv = {},
): Promise<TestAgent> {
  const child = fork(await agentScript(), [], {
    env: {
      PATH: process.env.PATH,
      HOOP_HOME: home,
      HOOP_GATEWAY_URL: gatewayUrl,
      HOOP_AGENT_TOKEN: token,
      HOOP_LOG_LEVEL: 'debug',
      HOOP_TEST_RUN: process.env.HOOP_TEST_RUN,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    execPath: node,
  });
  let log = '';
  child.stdout?.on('data', (data: Buffer) => (log += data.toString('utf8')));
  child.stderr?.on('data', (data: Buffer) => (log += data.toString('utf8')));
  const messages: TestAgent['messages'] = [];
  child.on('message', (message) => messages.push(message as TestAgent['messages'][number]));
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  onEnd(kill);
  return {
    home,
    child,
    messages,
    log: () => log,
    runner: () => onlyRunner(home),
    kill,
    again: () => launchAgent(gatewayUrl, token, home),
  };
}

/** Starts an agent and waits until it has told its journal. */
export async function connectAgent(
  gateway: FakeGateway,
  home = makeHome(),
  node?: string,
  env?: NodeJS.ProcessEnv,
): Promise<TestAgent> {
  let agent: TestAgent | undefined;
  try {
    await gateway.nextJournal(async () => {
      agent = await launchAgent(gateway.url, gateway.token, home, node, env);
    });
  } catch (error) {
    throw new Error(`the agent did not connect:\n${agent?.log()}`, { cause: error });
  }
  if (agent === undefined) throw new Error('no agent');
  return agent;
}

export function runnerFiles(home: string): RunnerFile[] {
  const folder = join(home, 'agent', 'runners');
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => runnerFileSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
}

function onlyRunner(home: string): RunnerFile {
  const [file, ...more] = runnerFiles(home);
  if (file === undefined || more.length > 0) throw new Error(`${more.length + 1} runners in ${home}`);
  return file;
}

export async function killed(mark: ProcessMark): Promise<void> {
  process.kill(mark.pid, 'SIGKILL');
  await gone(mark);
}

export async function gone(mark: ProcessMark): Promise<void> {
  await eventually(() => !isAlive(mark), { describe: `the end of process ${mark.pid}` });
}

/** Runners end on SIGTERM with all their commands; also one that an agent was just starting when it was killed. */
async function endRunners(home: string): Promise<void> {
  for (const pid of runnersOf(home)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has just ended by itself.
    }
  }
  await eventually(() => runnersOf(home).length === 0, { describe: () => `the end of the runners ${runnersOf(home)}` });
}

function runnersOf(home: string): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.includes('runner.js') && line.includes(`${home}/`));
  return lines.map((line) => Number.parseInt(line, 10));
}
