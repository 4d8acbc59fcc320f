/** The real parts of the heart in one process: rows, workflows, activities, `execute`; only the agent is a stand-in. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createControlActivities } from '#activities/control/index.ts';
import { createExecute } from '#activities/execute.ts';
import { createWaitingRuns } from '#core/waiting-runs.ts';
import type { AgentHold, SignedOrder } from '#core/consume-run.ts';
import type { AgentLine } from '#core/agent-line.ts';
import type { Context, Core } from '#core/context.ts';
import { startSession } from '#core/start-session.ts';
import type { ExitedFrame } from '#shared/agent-protocol.ts';
import { sha256Hex } from '#shared/digest.ts';
import { workflowId } from '#shared/task-queues.ts';
import { insertInstance, listInstances } from '#db/agents.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
import { workflowFailureErrorTypes } from '../../workers/parts/unreplayable.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

/** What an agent does with orders: starts each once, whoever asks how often, and reports its end. */
export class StandInAgent {
  /** Commands started, by session. */
  readonly starts = new Map<string, number>();
  /** Session to nonce, as the journal on disk has it. */
  private readonly journal = new Map<string, string>();
  private readonly ends = new Map<string, Promise<ExitedFrame>>();
  private readonly stops = new Map<string, () => void>();
  private readonly exits = new Map<string, () => void>();
  isHere = true;
  /** How long commands last, by session; else `lastsMs`. */
  readonly lasts = new Map<string, number>();
  lastsMs = 1;
  hold: AgentHold | undefined;

  line(): AgentLine | undefined {
    if (!this.isHere || !this.hold) return undefined;
    return {
      ...this.hold,
      run: (id, order, signals) => this.run(id, order, signals),
      forget: () => undefined,
      unused: () => undefined,
    };
  }

  startsOf(sessionId: string): number {
    return this.starts.get(sessionId) ?? 0;
  }

  /** The command of a session comes to its end now. */
  exit(sessionId: string): void {
    this.exits.get(sessionId)?.();
  }

  private async run(
    sessionId: string,
    signed: SignedOrder,
    signals: { stop: AbortSignal; abandon: AbortSignal },
  ): Promise<ExitedFrame> {
    const order = JSON.parse(signed.order) as { sessionId: string; digest: string; envelope: string };
    if (order.sessionId !== sessionId || sha256Hex(order.envelope) !== order.digest) throw new Error('a false order');
    const known = this.journal.get(sessionId);
    if (known !== undefined && known !== signed.nonce) throw new Error('another nonce for the same session');
    if (known === undefined) this.start(sessionId, signed.nonce);
    const stop = (): void => this.stops.get(sessionId)?.();
    signals.stop.addEventListener('abort', stop, { once: true });
    if (signals.stop.aborted) stop();
    const end = this.ends.get(sessionId);
    if (!end) throw new Error('a command without an end');
    const abandoned = new Promise<never>((_, reject) =>
      signals.abandon.addEventListener('abort', () => reject(new Error('let go')), { once: true }),
    );
    return Promise.race([end, abandoned]);
  }

  private start(sessionId: string, nonce: string): void {
    this.journal.set(sessionId, nonce);
    this.starts.set(sessionId, this.startsOf(sessionId) + 1);
    const exited = (reason: 'exit' | 'stopped'): ExitedFrame => ({
      type: 'exited',
      sessionId,
      nonce,
      reason,
      exitCode: reason === 'exit' ? 0 : null,
      signal: reason === 'exit' ? null : 'SIGTERM',
      outputBytes: 0,
      durationMs: 1,
      message: '',
    });
    const end = new Promise<ExitedFrame>((resolve) => {
      const timer = setTimeout(() => resolve(exited('exit')), this.lasts.get(sessionId) ?? this.lastsMs);
      const endWith = (reason: 'exit' | 'stopped') => () => {
        clearTimeout(timer);
        resolve(exited(reason));
      };
      this.stops.set(sessionId, endWith('stopped'));
      this.exits.set(sessionId, endWith('exit'));
    });
    this.ends.set(sessionId, end);
  }
}

export interface FaultWorld {
  made: TestCore;
  core: Core;
  agent: StandInAgent;
  people: Record<'asker' | 'bob' | 'carol' | 'root', UserRow>;
  connection: NativeConnection;
  /** `agentAway`: from before the request on. */
  ask(connectionName?: string, how?: { agentAway: boolean }): Promise<SessionRow>;
  close(): Promise<void>;
}

export const as = (core: Core, user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });

/** What workers say of attempts that fail is what these tests are about. */
let quiet: Runtime | undefined;

/** Connections: `bash` asks sre, `two` asks sre and admin, `free` asks nobody. */
export async function openFaultWorld(over: Partial<Core> = {}): Promise<FaultWorld> {
  const made = await createTestCore(over);
  const { core } = made;
  const people = {
    asker: await makeUser(core.db, 'asker@example.com'),
    bob: await makeUser(core.db, 'bob@example.com', ['sre']),
    carol: await makeUser(core.db, 'carol@example.com', ['admin', 'sre']),
    root: await makeUser(core.db, 'root@example.com', ['admin']),
  };
  const { id: agentId } = await makeAgent(core.db);
  await makeConnection(core.db, agentId, { name: 'free' });
  await makeConnection(core.db, agentId, { name: 'bash', policy: { groups: ['sre'] } });
  await makeConnection(core.db, agentId, { name: 'two', policy: { groups: ['sre', 'admin'], minApprovals: 2 } });
  await makeConnection(core.db, agentId, { name: 'brief', policy: { groups: ['sre'] }, expireSeconds: 1 });
  const agent = new StandInAgent();
  await insertInstance(core.db, agentId, 'key', randomUUID());
  const [instance] = await listInstances(core.db, agentId);
  if (!instance) throw new Error('no instance');
  const { id: instanceId, journalId, epoch } = instance;
  agent.hold = { instanceId, journalId, agentName: 'default', epoch };

  quiet ??= Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address: made.temporalAddress });
  await registerSearchAttributes(connection, 'default');
  const source = (path: string) => fileURLToPath(new URL(`../../workflows/${path}`, import.meta.url));
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: source('index.ts'),
    payloadConverterPath: source('payload-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
  const { privateKey } = generateKeyPairSync('ed25519');
  const execute = createExecute({
    core,
    gatewayKey: privateKey,
    agentName: 'default',
    gatewayId: randomUUID(),
    line: () => agent.line(),
    waiting: createWaitingRuns(),
  });
  const beats = { maxHeartbeatThrottleInterval: '500ms', defaultHeartbeatThrottleInterval: '500ms' } as const;
  const workers = [
    await Worker.create({
      connection,
      taskQueue: core.queues.control,
      workflowBundle,
      activities: createControlActivities({ db: core.db }),
      workflowFailureErrorTypes,
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    await Worker.create({
      connection,
      taskQueue: core.queues.agent('default'),
      activities: { execute },
      ...beats,
      shutdownGraceTime: '1ms',
    }),
    await Worker.create({
      connection,
      taskQueue: core.queues.slack,
      activities: {
        syncSlackMessage: () => ({ revision: 1, settled: true }),
        sendDirectMessages: () => undefined,
        tellInSlack: () => undefined,
      },
    }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  running.catch(() => undefined);
  return {
    made,
    core,
    agent,
    people,
    connection,
    async ask(connectionName = 'bash', { agentAway } = { agentAway: false }) {
      if (agentAway) agent.isHere = false;
      const asked = { connection: connectionName, kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} } as const;
      return (await startSession(as(core, people.asker), { ...asked, args: [] })).session;
    },
    async close() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await made.close();
    },
  };
}

export async function stateOf(core: Core, sessionId: string): Promise<string> {
  return (await findSession(core.db, sessionId))?.state ?? 'none';
}

/** What the last run of the session's workflow came to. */
export async function resultOf(core: Core, sessionId: string): Promise<string> {
  const result = (await core.temporal.workflow.getHandle(workflowId(sessionId)).result()) as { state: string };
  return result.state;
}

export async function auditOf(core: Core, subject: string): Promise<{ action: string; details: object }[]> {
  const found = await core.db.query<{ action: string; details: object }>(
    'select action, details from audit_log where subject = $1 order by id',
    [subject],
  );
  return found.rows;
}
