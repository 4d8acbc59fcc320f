/**
 * What a connection would be with an admin's input, or everything that is wrong with it: saving it throws the first of
 * that, and a check before it tells all.
 */
import { grantLimits, limits, type ConnectionInput } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { canonicalJson } from '#shared/envelope.ts';
import { HoopError, type ErrorCode } from '#shared/errors.ts';
import { policySchema } from '#shared/policy-schema.ts';
import { impossibility, type ReviewPolicy } from '#shared/review-policy.ts';
import { longestClosed, parseTimeWindow, readTimeWindow } from '#shared/time-window.ts';
import { findAgent } from '#db/agents.ts';
import type { ConnectionFields, ConnectionRow } from '#db/connections.ts';
import type { Queryable } from '#db/pool.ts';
import { listGroups } from '#db/users.ts';
import { checkArgv, checkEnv, checkEnvNames } from './connection-input.ts';
import type { Core } from './context.ts';
import { connectionIdentity } from './sealer.ts';

export type ConnectionToSave = Omit<ConnectionInput, 'overwrite'> & { overwrite?: boolean };

export interface FieldRefusal {
  /** Of the input. */
  field: keyof ConnectionInput;
  code: ErrorCode;
  message: string;
}

export type Judged = { policy: ReviewPolicy | undefined } & (
  { fields: ConnectionFields; refusals: [] } | { fields: null; refusals: FieldRefusal[] }
);

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

/** `id`: what secrets are sealed for; `before`: the connection as it is, undefined for a new one. */
export async function judgeConnection(
  tx: Queryable,
  core: Core,
  { id, before, input }: { id: string; before: ConnectionRow | undefined; input: ConnectionToSave },
): Promise<Judged> {
  const refusals: FieldRefusal[] = [];
  const attempt = async <T>(field: FieldRefusal['field'], work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HoopError)) throw error;
      refusals.push({ field, code: error.code, message: error.message });
      return undefined;
    }
  };
  const base = before ?? defaults;
  const command = await attempt('command', () => commandOf(input, before));
  const agentId = await attempt('agent', () => agentIdOf(tx, input.agent, before));
  await attempt('allowEnv', () => checkEnvNames(input.allowEnv));
  const env = await attempt(input.env ? 'env' : 'changeEnv', () => envOf(core, id, before, input));
  const policy = await policyOf(tx, core, before, input, attempt);
  if (command === undefined || agentId === undefined || !env || !policy || refusals.length > 0) {
    return { policy, fields: null, refusals };
  }
  const fields = {
    name: input.name,
    ...{ agentId, command, policy, ...env },
    requireReason: input.requireReason ?? base.requireReason,
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
  return { policy, fields, refusals: [] };
}

function commandOf(input: ConnectionToSave, before: ConnectionRow | undefined): string[] {
  checkArgv(input.command);
  const command = input.command ?? before?.command;
  if (command === undefined) throw missing('command', 'the program to run and its arguments, e.g. -- bash');
  return command;
}

async function agentIdOf(tx: Queryable, name: string | undefined, before: ConnectionRow | undefined): Promise<string> {
  if (name === undefined && before) return before.agentId;
  if (name === undefined) throw missing('agent', 'the agent that runs it, e.g. --agent default');
  const agent = await findAgent(tx, name);
  if (!agent) throw agentUnknown(name);
  return agent.id;
}

/** The whole env anew (`env`), or some of it (`changeEnv`): nobody need know the values that stay. */
function envOf(
  core: Core,
  id: string,
  before: ConnectionRow | undefined,
  { env, changeEnv }: ConnectionToSave,
): Pick<ConnectionFields, 'envSealed' | 'envNames'> {
  if (env === undefined && changeEnv === undefined) {
    return { envSealed: before?.envSealed ?? null, envNames: before?.envNames ?? [] };
  }
  if (env && changeEnv) throw new HoopError('invalid_input', 'changeEnv: cannot be given together with env.');
  const values = env ?? changedEnv(core, before, changeEnv ?? {});
  checkEnv(values, env ? 'env' : 'changeEnv');
  const envNames = Object.keys(values).sort();
  const envSealed = envNames.length > 0 ? core.sealer.seal(connectionIdentity(id), canonicalJson(values)) : null;
  return { envSealed, envNames };
}

function changedEnv(
  core: Core,
  before: ConnectionRow | undefined,
  change: Record<string, string | null>,
): Record<string, string> {
  const values = new Map(Object.entries(openedEnv(core, before)));
  for (const [name, value] of Object.entries(change)) {
    if (value === null) values.delete(name);
    else values.set(name, value);
  }
  return Object.fromEntries(values);
}

function openedEnv(core: Core, before: ConnectionRow | undefined): Record<string, string> {
  if (!before?.envSealed) return {};
  try {
    return JSON.parse(core.sealer.open(connectionIdentity(before.id), before.envSealed)) as Record<string, string>;
  } catch {
    throw new HoopError(
      'invalid_input',
      `changeEnv: the variables of ${before.name} cannot be read, as HOOP_SECRET_KEY is another; set all of them anew (env).`,
    );
  }
}

type Attempt = <T>(field: FieldRefusal['field'], work: () => T | Promise<T>) => Promise<T | undefined>;

async function policyOf(
  tx: Queryable,
  core: Core,
  before: ConnectionRow | undefined,
  input: ConnectionToSave,
  attempt: Attempt,
): Promise<ReviewPolicy | undefined> {
  const base = await attempt('reviewers', () => basePolicy(before, input));
  const window = await attempt('window', () =>
    input.window === undefined ? (base?.window ?? null) : (windowOf(input.window) ?? null),
  );
  if (!base || window === undefined) return undefined;
  const policy: ReviewPolicy = {
    groups: unique(input.reviewers) ?? base.groups,
    minApprovals: input.minApprovals ?? base.minApprovals,
    distinctReviewers: input.distinctReviewers ?? base.distinctReviewers,
    forceApproveGroups: unique(input.forceApproveGroups) ?? base.forceApproveGroups,
    window: window ?? undefined,
  };
  await attempt(blamedField(policy), () => refuseImpossible(impossibility(policy)));
  const expireSeconds = input.expire ?? before?.expireSeconds ?? defaults.expireSeconds;
  await attempt('window', () => refuseImpossible(unopened(policy.window, expireSeconds, core.now())));
  const known = new Set(await listGroups(tx));
  for (const field of ['reviewers', 'forceApproveGroups'] as const) {
    await attempt(field, () => refuseStrangers((input[field] ?? []).filter((group) => !known.has(group))));
  }
  return policy;
}

function basePolicy(before: ConnectionRow | undefined, input: ConnectionToSave): ReviewPolicy {
  const stored = before ? policySchema.safeParse(before.policy).data : defaults.policy;
  if (!stored && input.reviewers === undefined) {
    throw new HoopError(
      'policy_missing',
      `The review policy of ${input.name} cannot be read; name its reviewers again.`,
    );
  }
  return stored ?? defaults.policy;
}

/** What an impossible policy asks for beside reviewers. */
function blamedField({ minApprovals, distinctReviewers }: ReviewPolicy): FieldRefusal['field'] {
  if (minApprovals > 0) return 'minApprovals';
  return distinctReviewers ? 'distinctReviewers' : 'forceApproveGroups';
}

function refuseImpossible(why: string | null): void {
  if (why !== null) throw new HoopError('policy_impossible', why);
}

function refuseStrangers(strangers: string[]): void {
  if (strangers.length === 0) return;
  throw new HoopError(
    'group_unknown',
    `Nobody was ever in ${unique(strangers)?.join(', ')}. A group comes into being when a user is put into it: hoop admin create user <email> --overwrite --groups ...`,
  );
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

const unique = (names: string[] | undefined): string[] | undefined => names && [...new Set(names)];
const missing = (field: string, what: string): HoopError =>
  new HoopError('invalid_input', `${field}: is missing; a new connection needs ${what}.`);
export const agentUnknown = (name: string): HoopError =>
  new HoopError('agent_unknown', `There is no agent ${JSON.stringify(name)}: hoop admin create agent ${name}`);
