/** Makes a connection, or changes what is named of one. */
import { randomUUID } from 'node:crypto';
import { grantLimits, limits, type ConnectionInput, type ConnectionView } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { canonicalJson } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { policySchema } from '#shared/policy-schema.ts';
import { impossibility, type ReviewPolicy } from '#shared/review-policy.ts';
import { longestClosed, parseTimeWindow, readTimeWindow } from '#shared/time-window.ts';
import { findAgent } from '#db/agents.ts';
import { audit } from '#db/audit.ts';
import {
  clearConnectionPlugins,
  findConnection,
  insertConnection,
  lockConnectionForChange,
  setConnectionPlugin,
  updateConnection,
  type ConnectionFields,
  type ConnectionRow,
} from '#db/connections.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, violatedConstraint, type Queryable } from '#db/pool.ts';
import { insertConnectionChange } from '#db/renewals.ts';
import { listGroups } from '#db/users.ts';
import { alignBehind } from './align-session.ts';
import { checkArgv, checkEnv, checkEnvNames } from './connection-input.ts';
import { resolvePlugins, type NamedPlugin } from './connection-plugins.ts';
import { connectionViewOf, surroundingsOf } from './connection-views.ts';
import { actorName, requireAdmin, type Context, type Core } from './context.ts';
import { connectionIdentity } from './sealer.ts';

export type ConnectionToSave = Omit<ConnectionInput, 'overwrite'> & { overwrite?: boolean };
export interface SavedConnection {
  view: ConnectionView;
  created: boolean;
}

const defaults = {
  policy: { groups: [], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] } as ReviewPolicy,
  requireReason: false,
  envSealed: null,
  envNames: [],
  allowEnv: [],
  tags: {},
  accessModes: ['exec', 'connect'],
  expireSeconds: 86_400,
  maxRuntimeSeconds: 0,
  maxOutputBytes: 1024 ** 3,
  maxDurationSeconds: grantLimits.mostSeconds as number,
  runAs: null,
  maxInputBytes: limits.scriptBytes as number,
  maxRuns: 0,
  idleSeconds: 0,
  keepDays: 0,
};

/**
 * Throws `name_taken`, `agent_unknown`, `group_unknown`, `plugin_unknown`, `slack_channel_refused`,
 * `policy_impossible`, `policy_missing` (the stored policy cannot be read and none is named), `invalid_input`.
 */
export async function saveConnection(ctx: Context, input: ConnectionToSave): Promise<SavedConnection> {
  requireAdmin(ctx);
  const { core } = ctx;
  checkArgv(input.command);
  checkEnv(input.env);
  checkEnvNames(input.allowEnv);
  // Asked before the transaction: Slack may take its time.
  const plugins = await resolvePlugins(core, input.name, input.plugins);
  const created = await inTransaction(core.db, (tx) => write(tx, ctx, input, plugins)).catch((error: unknown) => {
    if (violatedConstraint(error) === 'connections_agent_id_fkey') throw agentUnknown(input.agent ?? '');
    throw error;
  });
  const row = await findConnection(core.db, input.name);
  // requests that wait hear of it at once; should that fail half-way, the sweep goes on
  if (row && !created) await alignBehind(core, row.id);
  if (!row) throw new HoopError('not_found', `The connection ${input.name} was deleted just now.`);
  return { view: connectionViewOf(row, await surroundingsOf(core)), created };
}

async function write(tx: Queryable, ctx: Context, input: ConnectionToSave, plugins: NamedPlugin[]): Promise<boolean> {
  const before = await lockConnectionForChange(tx, input.name);
  if (before && !input.overwrite) throw nameTaken(input.name);
  const id = before?.id ?? randomUUID();
  const fields = await fieldsOf(tx, ctx.core, id, before, input);
  const changed = before ? whatIsApprovedChanged(ctx.core, before, fields) : [];
  const version = (before?.version ?? 1) + (changed.length > 0 ? 1 : 0);
  if (before) await updateConnection(tx, id, fields, changed.length > 0);
  else if (!(await insertConnection(tx, id, fields))) throw nameTaken(input.name);
  if (changed.length > 0) await insertConnectionChange(tx, id, version, { by: actorName(ctx.actor), changed });
  await writePlugins(tx, id, before, input, plugins);
  if (before && input.maxRuns !== undefined) {
    await notify(tx, { kind: 'place', agent: before.agentName, connection: id }); // more may run at once than before
  }
  await notify(tx, { kind: 'changed', topic: 'connections' });
  await audit(tx, {
    actor: actorName(ctx.actor),
    action: before ? 'connection.change' : 'connection.create',
    subject: `connection:${input.name}`,
    details: {
      changed: Object.keys(input).filter((key) => !['name', 'overwrite'].includes(key)),
      command: fields.command,
      policy: fields.policy,
      runAs: fields.runAs,
      limits: {
        ...{ maxRuntimeSeconds: fields.maxRuntimeSeconds, maxOutputBytes: fields.maxOutputBytes },
        ...{ maxInputBytes: fields.maxInputBytes, maxRuns: fields.maxRuns },
        ...{ idleSeconds: fields.idleSeconds, keepDays: fields.keepDays },
      },
      envNames: fields.envNames,
      version,
    },
  });
  return before === undefined;
}

async function fieldsOf(
  tx: Queryable,
  core: Core,
  id: string,
  before: ConnectionRow | undefined,
  input: ConnectionToSave,
): Promise<ConnectionFields> {
  const base = before ?? defaults;
  const command = input.command ?? before?.command;
  if (command === undefined) throw missing('command', 'the program to run and its arguments, e.g. -- bash');
  const env = input.env && {
    envSealed:
      Object.keys(input.env).length > 0 ? core.sealer.seal(connectionIdentity(id), canonicalJson(input.env)) : null,
    envNames: Object.keys(input.env).sort(),
  };
  return {
    name: input.name,
    agentId: await agentIdOf(tx, input.agent, before),
    command,
    policy: await policyOf(tx, input, before, core.now()),
    requireReason: input.requireReason ?? base.requireReason,
    envSealed: base.envSealed,
    envNames: base.envNames,
    ...env,
    allowEnv: input.allowEnv ?? base.allowEnv,
    tags: input.tags ?? base.tags,
    accessModes: input.accessModes ?? base.accessModes,
    expireSeconds: input.expire ?? base.expireSeconds,
    maxRuntimeSeconds: input.maxRuntime ?? base.maxRuntimeSeconds,
    maxOutputBytes: input.maxOutput ?? base.maxOutputBytes,
    maxDurationSeconds: input.maxDuration ?? base.maxDurationSeconds,
    runAs: input.runAs === undefined ? base.runAs : input.runAs || null,
    maxInputBytes: input.maxInput ?? base.maxInputBytes,
    maxRuns: input.maxRuns ?? base.maxRuns,
    idleSeconds: input.idle ?? base.idleSeconds,
    keepDays: input.keep === undefined ? base.keepDays : input.keep / 86_400,
  };
}

async function agentIdOf(tx: Queryable, name: string | undefined, before: ConnectionRow | undefined): Promise<string> {
  if (name === undefined && before) return before.agentId;
  if (name === undefined) throw missing('agent', 'the agent that runs it, e.g. --agent default');
  const agent = await findAgent(tx, name);
  if (!agent) throw agentUnknown(name);
  return agent.id;
}

async function policyOf(
  tx: Queryable,
  input: ConnectionToSave,
  before: ConnectionRow | undefined,
  now: Date,
): Promise<ReviewPolicy> {
  const stored = before ? policySchema.safeParse(before.policy).data : defaults.policy;
  if (!stored && input.reviewers === undefined) {
    throw new HoopError(
      'policy_missing',
      `The review policy of ${input.name} cannot be read; name its reviewers again.`,
    );
  }
  const base = stored ?? defaults.policy;
  const policy: ReviewPolicy = {
    groups: unique(input.reviewers) ?? base.groups,
    minApprovals: input.minApprovals ?? base.minApprovals,
    distinctReviewers: input.distinctReviewers ?? base.distinctReviewers,
    forceApproveGroups: unique(input.forceApproveGroups) ?? base.forceApproveGroups,
    window: input.window === undefined ? base.window : windowOf(input.window),
  };
  const expireSeconds = input.expire ?? before?.expireSeconds ?? defaults.expireSeconds;
  const why = impossibility(policy) ?? unopened(policy.window, expireSeconds, now);
  if (why !== null) throw new HoopError('policy_impossible', why);
  const known = new Set(await listGroups(tx));
  const strangers = [...(input.reviewers ?? []), ...(input.forceApproveGroups ?? [])].filter((g) => !known.has(g));
  if (strangers.length > 0) {
    throw new HoopError(
      'group_unknown',
      `Nobody was ever in ${unique(strangers)?.join(', ')}. A group comes into being when a user is put into it: hoop admin create user <email> --overwrite --groups ...`,
    );
  }
  return policy;
}

/** As it is stored; undefined: none. */
function windowOf(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  const window = parseTimeWindow(text);
  if ('problem' in window) throw new HoopError('policy_impossible', `The time window ${window.problem}.`);
  return window.text;
}

/** Requests that are made while the window is closed must be able to wait for it. */
function unopened(text: string | undefined, expireSeconds: number, now: Date): string | null {
  if (text === undefined) return null;
  const closed = Math.ceil(longestClosed(readTimeWindow(text), now) / 1000);
  if (expireSeconds > closed) return null;
  const [expires, most] = [formatDuration(expireSeconds), formatDuration(closed)];
  return `Requests expire after ${expires}, and the time window ${text} is closed for up to ${most}; let them wait longer than that (--expire).`;
}

async function writePlugins(
  tx: Queryable,
  id: string,
  before: ConnectionRow | undefined,
  input: ConnectionToSave,
  plugins: NamedPlugin[],
): Promise<void> {
  if (input.plugins?.length === 0) await clearConnectionPlugins(tx, id);
  for (const { name, channels, channelIds } of plugins) {
    const kept = before?.plugins.find((plugin) => plugin.name === name);
    await setConnectionPlugin(tx, id, {
      name,
      channels: channels ?? kept?.channels ?? [],
      channelIds: channelIds ?? kept?.channelIds ?? [],
    });
  }
}

/** What of the new fields makes another thing of what somebody approved before. */
function whatIsApprovedChanged(core: Core, before: ConnectionRow, after: ConnectionFields): string[] {
  const differs = (a: unknown, b: unknown) => canonicalJson(a) !== canonicalJson(b);
  const reviewers = (policy: unknown) => ({ ...(policy as Partial<ReviewPolicy>), window: undefined });
  const window = (policy: unknown) => (policy as Partial<ReviewPolicy> | null)?.window ?? null;
  return [
    ...(differs(before.command, after.command) ? ['command'] : []),
    ...(before.agentId === after.agentId ? [] : ['agent']),
    ...(before.runAs === after.runAs ? [] : ['user']),
    ...(changesEnv(core, before, after.envSealed) ? ['env'] : []),
    ...(differs(reviewers(before.policy), reviewers(after.policy)) ? ['reviewers'] : []),
    ...(window(before.policy) === window(after.policy) ? [] : ['window']),
  ];
}

function changesEnv(core: Core, before: ConnectionRow, sealed: Buffer | null): boolean {
  if (before.envSealed === sealed) return false;
  if (before.envSealed === null || sealed === null) return true;
  try {
    const identity = connectionIdentity(before.id);
    return core.sealer.open(identity, before.envSealed) !== core.sealer.open(identity, sealed);
  } catch {
    // Its key is gone: nobody can say that the new env is the old one.
    return true;
  }
}

const unique = (names: string[] | undefined): string[] | undefined => names && [...new Set(names)];
const missing = (field: string, what: string): HoopError =>
  new HoopError('invalid_input', `${field}: is missing; a new connection needs ${what}.`);
const nameTaken = (name: string): HoopError =>
  new HoopError('name_taken', `There is a connection ${name} already; --overwrite changes what you name of it.`);
const agentUnknown = (name: string): HoopError =>
  new HoopError('agent_unknown', `There is no agent ${JSON.stringify(name)}: hoop admin create agent ${name}`);
