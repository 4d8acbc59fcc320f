/** A whole hoop of real processes for one test file: sandbox, gateway, worker, agent on the file's own database. */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { createTestDatabase } from './postgres.ts';
import { distFile, startProcess, type RunningProcess } from './processes.ts';
import { useTemporal } from './temporal.ts';
import { SandboxClient } from './sandbox-client.ts';

export type PartName = 'sandbox' | 'gateway' | 'gateway2' | 'worker' | 'agent';

export interface Stack {
  home: string;
  apiUrl: string;
  /** Where the agent dials in: the second gateway, when there is one. */
  agentUrl: string;
  databaseUrl: string;
  temporalAddress: string;
  queuePrefix: string;
  sandbox: SandboxClient;
  adminToken: string;
  /** Starts `hoop` as the local admin, or as whoever owns `token`. */
  hoop(args: string[], options?: { token?: string; env?: NodeJS.ProcessEnv }): RunningProcess;
  start(part: PartName): Promise<void>;
  /** SIGKILL: nobody gets to say good-bye. */
  kill(part: PartName): Promise<void>;
  pid(part: PartName): number;
  log(part: PartName): Promise<string>;
  close(): Promise<void>;
}

export interface StackOptions {
  /** Stores of its own, in place of those that all test files share; the caller closes them. */
  stores?: { databaseUrl: string; temporalAddress: string };
  /** Where the agent dials in, when not at the gateway itself. */
  agentUrl?: (apiUrl: string) => Promise<string>;
  /** A second gateway, `gateway2`, at which the agent dials in. */
  second?: boolean;
  /** An installation with its first admin and nothing else: no agent, no connection, no Slack. */
  empty?: boolean;
}

interface Part {
  child: ChildProcess;
  ready: Record<string, unknown>;
}

const readyWithinMs = 60_000;

export async function startStack({
  stores,
  agentUrl,
  second = false,
  empty = false,
}: StackOptions = {}): Promise<Stack> {
  const home = await mkdtemp(join(tmpdir(), 'hoop-stack-'));
  const database = stores ? { url: stores.databaseUrl, drop: () => Promise.resolve() } : await createTestDatabase();
  const temporal = stores ? { address: stores.temporalAddress, taskQueuePrefix: '' } : await useTemporal();
  const secretKey = randomBytes(32).toString('base64');
  const parts = new Map<PartName, Part>();
  let apiPort = 0;
  let sandboxPort = 0;
  let sandboxUrl = '';
  let gatewayUrl = '';
  let secondPort = 0;

  const shared = (): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOOP_TEST_RUN: process.env.HOOP_TEST_RUN,
    HOOP_HOME: home,
  });
  const server = (): NodeJS.ProcessEnv => ({
    ...shared(),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    HOOP_SECRET_KEY: secretKey,
    HOOP_TASK_QUEUE_PREFIX: temporal.taskQueuePrefix,
    HOOP_SANDBOX_URL: sandboxUrl,
    HOOP_LISTEN: `127.0.0.1:${apiPort}`,
    HOOP_PUBLIC_URL: apiPort === 0 ? '' : `http://127.0.0.1:${apiPort}`,
  });
  const environments: Record<PartName, () => Promise<NodeJS.ProcessEnv>> = {
    sandbox: async () => ({ ...shared(), HOOP_SANDBOX_PORT: String(sandboxPort) }),
    gateway: async () => ({ ...server(), ...(empty ? {} : { HOOP_FIRST_RUN: 'embedded' }) }),
    gateway2: async () => ({ ...server(), HOOP_LISTEN: `127.0.0.1:${secondPort}` }),
    worker: async () => server(),
    agent: async () => ({
      ...shared(),
      HOOP_GATEWAY_URL: gatewayUrl,
      HOOP_AGENT_TOKEN: (await readFile(join(home, 'agent-token'), 'utf8')).trim(),
    }),
  };
  const logFile = (part: PartName) => join(home, `${part}.log`);

  const start = async (name: PartName): Promise<void> => {
    const child = fork(await distFile(`${name === 'gateway2' ? 'gateway' : name}.js`), [], {
      env: await environments[name](),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const log = createWriteStream(logFile(name), { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    let ready: Record<string, unknown> | undefined;
    child.on('message', (message: { type?: string }) => {
      if (message.type === 'ready') ready = message as Record<string, unknown>;
    });
    const details = await eventually(() => ready ?? (child.exitCode === null ? undefined : { type: 'ended' }), {
      deadlineMs: readyWithinMs,
      describe: `${name} is ready`,
    });
    if (details['type'] === 'ended') throw new Error(`${name} ended: ${await readFile(logFile(name), 'utf8')}`);
    parts.set(name, { child, ready: details });
  };
  const end = async (name: PartName, signal: NodeJS.Signals): Promise<void> => {
    const part = parts.get(name);
    parts.delete(name);
    if (!part || part.child.exitCode !== null || part.child.signalCode !== null) return;
    const ended = new Promise((resolve) => part.child.once('exit', resolve));
    part.child.kill(signal);
    await ended;
  };
  const portOf = (url: unknown): number => Number(new URL(String(url)).port);

  await start('sandbox');
  sandboxUrl = String(parts.get('sandbox')?.ready['url']);
  sandboxPort = portOf(sandboxUrl);
  await start('gateway');
  apiPort = portOf(parts.get('gateway')?.ready['apiUrl']);
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  if (second) {
    await start('gateway2');
    secondPort = portOf(parts.get('gateway2')?.ready['apiUrl']);
  }
  gatewayUrl = (await agentUrl?.(apiUrl)) ?? (second ? `http://127.0.0.1:${secondPort}` : apiUrl);
  await Promise.all([start('worker'), ...(empty ? [] : [start('agent')])]);
  const { token: adminToken } = JSON.parse(await readFile(join(home, 'config.json'), 'utf8')) as { token: string };
  const cli = await distFile('hoop.js');

  return {
    home,
    apiUrl,
    agentUrl: gatewayUrl,
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    queuePrefix: temporal.taskQueuePrefix,
    sandbox: new SandboxClient(sandboxUrl),
    adminToken,
    hoop: (args, options = {}) =>
      startProcess(process.execPath, [cli, ...args], {
        env: { ...shared(), HOOP_API_URL: apiUrl, HOOP_TOKEN: options.token ?? adminToken, ...options.env },
      }),
    start,
    kill: (part) => end(part, 'SIGKILL'),
    pid: (part) => parts.get(part)?.child.pid ?? -1,
    log: (part) => readFile(logFile(part), 'utf8'),
    async close() {
      const agent = parts.get('agent');
      if (agent) {
        const ended = new Promise((resolve) => agent.child.once('exit', resolve));
        agent.child.send({ type: 'shutdown', stopCommands: true });
        agent.child.kill('SIGTERM');
        await ended;
        parts.delete('agent');
      }
      await Promise.all([...parts.keys()].map((name) => end(name, 'SIGTERM')));
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
