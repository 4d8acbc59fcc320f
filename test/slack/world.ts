/** Everything around hoop's Slack side, real but for Temporal: Postgres, the sandbox, Bolt. One a test. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { CreateSessionInput } from '#shared/api-schemas.ts';
import type { ReviewPolicy } from '#shared/review-policy.ts';
import { taskQueues } from '#shared/task-queues.ts';
import { findAgent, renewGatewayLease } from '#db/agents.ts';
import { listDecisions } from '#db/decisions.ts';
import { listen } from '#db/notices.ts';
import { openDatabase } from '#db/pool.ts';
import { savePlugin } from '#db/plugins.ts';
import { findUserByEmail, type UserRow } from '#db/users.ts';
import { createSlackActivities } from '#activities/slack/index.ts';
import type { Core } from '#core/context.ts';
import { listPluginViews } from '#core/plugin-views.ts';
import { createSealer, pluginIdentity } from '#core/sealer.ts';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { startSession } from '#core/start-session.ts';
import { createSlackRuntime, type SlackRuntime, type SlackRuntimeDeps } from '#slack/runtime.ts';
import { createSlackVerifier } from '#slack/verifier.ts';
import { install, socketsOf, startSandbox, type Installed, type TestSandbox } from '../sandbox/support.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

export const OPS = 'C0OPS00002';
export const SRE = 'C0SRE00003';

export const people = {
  alice: { email: 'alice@example.com', name: 'Alice Archer', slackId: 'U0ALICE001', groups: [] as string[] },
  bob: { email: 'bob@example.com', name: 'Bob Becker', slackId: 'U0BOB00002', groups: ['admin', 'sre'] },
  carol: { email: 'carol@example.com', name: 'Carol Castro', slackId: 'U0CAROL003', groups: ['sre'] },
};

export type Who = keyof typeof people;

export interface Signal {
  workflowId: string;
  name: string;
  decisionId: string;
}

/** Remembers what would be sent to workflows; `down` makes it fail as a Temporal that is away does. */
export function recordSignals(): { client: Client; signals: Signal[]; down: boolean } {
  const recorder = { signals: [] as Signal[], down: false };
  const workflow = {
    start: () => Promise.resolve(),
    getHandle: (workflowId: string) => ({
      signal: async ({ name }: { name: string }, decisionId: string) => {
        if (recorder.down) throw new Error('Temporal is away');
        recorder.signals.push({ workflowId, name, decisionId });
      },
    }),
  };
  return Object.assign(recorder, { client: { workflow } as unknown as Client });
}

/**
 * hoop answers Slack within two seconds whatever its database does. A busy machine may stand still for longer; what
 * happens when time is up is for the tests about that, which set their own.
 */
const budgetMs = 30_000;

/** `ackTimeoutMs`: how long Slack waits for the answer to a click. */
export async function createWorld(options: { publicUrl?: string; ackTimeoutMs?: number } = {}) {
  const { ackTimeoutMs } = options;
  const [database, sandbox] = [
    await createTestDatabase(),
    await startSandbox(ackTimeoutMs === undefined ? {} : { ackTimeoutMs }),
  ];
  onTestFinished(() => database.drop());
  const db = openDatabase({ url: database.url, max: 5 });
  // after the runtime of a test has stopped: vitest ends with what was registered first
  onTestFinished(() => db.end());
  const log = pino({ level: 'silent' });
  const temporal = recordSignals();
  const secretKey = randomBytes(32);
  const core: Core = {
    db,
    temporal: temporal.client,
    queues: taskQueues('test-'),
    queuePrefix: 'test-',
    publicUrl: options.publicUrl ?? 'http://127.0.0.1:8009',
    temporalAddress: null,
    temporalUiUrl: null,
    sealer: createSealer([secretKey]),
    slack: createSlackVerifier({ slackApiUrl: sandbox.apiUrl, sandboxUrl: sandbox.url, log }),
    log,
    now: () => new Date(),
  };
  for (const { email, groups, ...person } of Object.values(people)) await makeUser(db, email, groups, person);
  await makeAgent(db);
  const activities = createSlackActivities({
    db,
    log,
    publicUrl: core.publicUrl,
    openTokens: () => openSlackTokens(core),
  });
  return { core, db, databaseUrl: database.url, secretKey, sandbox, control: sandbox.control, temporal, activities };
}
export type World = Awaited<ReturnType<typeof createWorld>>;

/** Saves tokens the way the admin's verb does, and gives them. */
export async function configureSlack(world: World, tokens?: Installed): Promise<Installed> {
  const { core, control, sandbox } = world;
  const installed = tokens ?? (await install(control));
  const { botToken, appToken } = installed;
  const info = await core.slack.verify({ botToken, appToken, apiUrl: sandbox.apiUrl });
  await saveTokens(world, { botToken, appToken }, info);
  return installed;
}

/** As `configureSlack`, without asking Slack first: tokens that were good when they were saved. */
export async function saveTokens(
  { core, sandbox }: World,
  tokens: { botToken: string; appToken: string },
  info: Awaited<ReturnType<Core['slack']['verify']>> = { scopes: [] },
): Promise<void> {
  const config = { SLACK_BOT_TOKEN: tokens.botToken, SLACK_APP_TOKEN: tokens.appToken };
  await savePlugin(core.db, {
    name: 'slack',
    configSealed: core.sealer.seal(pluginIdentity('slack'), JSON.stringify(config)),
    configNames: Object.keys(config),
    apiUrl: sandbox.apiUrl,
    info,
  });
}

export const quickSockets = { retryDelaysMs: [50], staggerMs: 0, lingerMs: 100 };

/** A runtime that tries again at once, connected to the sandbox. */
export async function startRuntime(
  world: World,
  options: Partial<Pick<SlackRuntimeDeps, 'app' | 'retryDelaysMs' | 'gatewayId'>> = {},
): Promise<SlackRuntime> {
  const { gatewayId = await makeGateway(world), app, ...more } = options;
  const runtime = createSlackRuntime({
    core: world.core,
    log: world.core.log,
    gatewayId,
    retryDelaysMs: [50],
    app: { budgetMs, sockets: quickSockets, ...app },
    ...more,
  });
  const notices = await listen({
    url: world.databaseUrl,
    onNotice: (notice) => notice.kind === 'slack_sockets' && void runtime.onSockets(),
    onConnected: () => undefined,
    onError: () => undefined,
  });
  onTestFinished(() => notices.close());
  onTestFinished(() => runtime.stop());
  await runtime.start();
  return runtime;
}

/** A replica's row, with a lease that outlives the test unless the test says otherwise. */
export async function makeGateway({ db }: Pick<World, 'db'>, leaseSeconds = 3_600): Promise<string> {
  const id = randomUUID();
  await renewGatewayLease(db, id, `http://${id}.test`, leaseSeconds);
  return id;
}

/** Slack configured and connected by both sockets. */
export async function startConnected(world: World, options: Parameters<typeof startRuntime>[1] = {}) {
  const installed = await configureSlack(world);
  const runtime = await startRuntime(world, options);
  await socketsOpen(world, installed, 2);
  return { installed, runtime };
}

export function socketsOpen(world: World, installed: Installed, count: number): Promise<void> {
  return eventuallyPasses(async () => expect(await socketsOf(world, installed), 'open sockets').toBe(count));
}

export async function pluginState({ core }: World): Promise<{ state: string; lastError: string | null }> {
  const ctx = { core, actor: { kind: 'system', name: 'test' } } as const;
  const [view] = await listPluginViews(ctx);
  return { state: view?.state ?? 'none', lastError: view?.lastError ?? null };
}

export async function userOf({ db }: World, who: Who): Promise<UserRow> {
  const user = await findUserByEmail(db, people[who].email);
  if (!user) throw new Error(`${who} is missing`);
  return user;
}

let connections = 0;

/** A request of Alice on a connection of its own, in `pending`. */
export async function requestReview(
  world: World,
  options: {
    policy?: Partial<ReviewPolicy>;
    channels?: string[];
    by?: Who;
  } & Partial<CreateSessionInput> = {},
): Promise<string> {
  const { policy, channels = [OPS], by = 'alice', ...input } = options;
  const { db, core } = world;
  connections += 1;
  const name = `bash${connections}`;
  const agent = await findAgent(db, 'default');
  const connectionId = await makeConnection(db, agent?.id ?? '', {
    name,
    policy: { groups: ['admin', 'sre'], ...policy },
  });
  await db.query(
    'insert into connection_plugins (connection_id, plugin, channels, channel_ids) values ($1, $2, $3, $3)',
    [connectionId, 'slack', channels],
  );
  const ctx = { core, actor: { kind: 'user', user: await userOf(world, by), via: 'cli' } as const };
  const { session } = await startSession(ctx, {
    connection: name,
    kind: 'exec',
    script: 'ls -l',
    scriptEncoding: 'utf8',
    args: [],
    env: {},
    ...input,
  });
  return session.id;
}

/** A message as `GET /control/messages` shows it. */
export interface SeenMessage {
  ts: string;
  thread_ts?: string;
  text: string;
  blocks?: { type: string; block_id?: string; elements?: { action_id?: string; url?: string }[] }[];
  ephemeral: boolean;
  edited?: unknown;
}

export async function messages(world: World, as: string, channel = 'ops', thread?: string): Promise<SeenMessage[]> {
  const query = new URLSearchParams({ as, channel, ...(thread && { thread }) });
  const reply = await world.control.get(`messages?${query}`);
  return reply.messages as SeenMessage[];
}

export async function onlyMessage(world: World, channel = 'ops'): Promise<SeenMessage> {
  const found = (await messages(world, 'bob', channel)).filter((m) => !m.ephemeral && !m.thread_ts);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} messages: ${JSON.stringify(found)}`);
  return found[0];
}

export const buttons = (message: SeenMessage): string[] =>
  (message.blocks ?? [])
    .filter((block) => block.type === 'actions')
    .flatMap((block) => block.elements ?? [])
    .map((element) => element.action_id ?? '');

/** Everything a message shows, joined. */
export const shownText = (message: unknown): string => {
  const texts: string[] = [];
  JSON.stringify(message, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts.join('\n');
};

/** Posts the request's message and clicks a button of it. */
export async function click(world: World, as: string, actionId: string, message?: SeenMessage) {
  const { ts } = message ?? (await onlyMessage(world));
  return world.control.post('click', { as, channel: 'ops', ts, actionId });
}

/** What only that person sees in the channel. */
export async function privateText(world: World, as: string): Promise<string> {
  return eventually(async () => (await messages(world, as)).find((message) => message.ephemeral)?.text, {
    describe: `a private answer to ${as}`,
  });
}

export const decisionsOf = ({ db }: World, sessionId: string) => listDecisions(db, sessionId);
export type { TestSandbox };
