/** Connections as the API shows them: everybody who is signed in may know what there is to ask for. */
import type { ConnectionView } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { HoopError } from '#shared/errors.ts';
import { policySchema } from '#shared/policy-schema.ts';
import { unreachable, type PersonFact } from '#shared/review-policy.ts';
import { listOnlineAgents } from '#db/agents.ts';
import { findConnection, listConnections, type ConnectionRow } from '#db/connections.ts';
import { listPlugins } from '#db/plugins.ts';
import { listRefusingChannels, type RefusingChannel } from '#db/slack-channels.ts';
import { listPeople } from '#db/users.ts';
import { requireUser, type Context, type Core } from './context.ts';

export interface Surroundings {
  people: PersonFact[];
  onlineAgents: string[];
  /** Names of the plugins that are configured. */
  plugins: string[];
  /** Of Slack. */
  refusing: RefusingChannel[];
}

export async function surroundingsOf(core: Pick<Core, 'db'>): Promise<Surroundings> {
  return {
    people: await listPeople(core.db),
    onlineAgents: await listOnlineAgents(core.db),
    plugins: (await listPlugins(core.db)).map(({ name }) => name),
    refusing: await listRefusingChannels(core.db),
  };
}

/** `askedBy`: id of the person who looks. */
export function connectionViewOf(connection: ConnectionRow, around: Surroundings, askedBy?: string): ConnectionView {
  const policy = policySchema.safeParse(connection.policy).data;
  const whyNobody = askedBy === undefined || !policy ? null : unreachable(policy, around.people, askedBy);
  return {
    id: connection.id,
    name: connection.name,
    version: connection.version,
    revision: connection.revision,
    agent: connection.agentName,
    agentOnline: around.onlineAgents.includes(connection.agentName),
    command: connection.command,
    reviewers: policy?.groups ?? [],
    minApprovals: policy?.minApprovals ?? 0,
    distinctReviewers: policy?.distinctReviewers ?? false,
    forceApproveGroups: policy?.forceApproveGroups ?? [],
    requireReason: connection.requireReason,
    window: policy?.window ?? null,
    plugins: connection.plugins.map(({ name, channels }) => ({ name, channels })),
    envNames: connection.envNames,
    allowEnv: connection.allowEnv,
    tags: connection.tags,
    accessModes: connection.accessModes,
    expire: formatDuration(connection.expireSeconds),
    maxRuntime: formatDuration(connection.maxRuntimeSeconds),
    maxDuration: formatDuration(connection.maxDurationSeconds),
    maxOutput: connection.maxOutputBytes,
    runAs: connection.runAs,
    maxInput: connection.maxInputBytes,
    maxRuns: connection.maxRuns,
    idle: formatDuration(connection.idleSeconds),
    keep: formatDuration(connection.keepDays * 86_400),
    createdAt: connection.createdAt.toISOString(),
    updatedAt: connection.updatedAt.toISOString(),
    warnings: warningsOf(connection, around),
    ...(whyNobody !== null && { whyNobody }),
  };
}

export function warningsOf(
  connection: Pick<ConnectionRow, 'policy' | 'plugins'>,
  { people, plugins, refusing }: Surroundings,
): string[] {
  const policy = policySchema.safeParse(connection.policy).data;
  if (!policy) return ['The review policy cannot be read, so nothing runs here; set the reviewers again.'];
  const warnings: string[] = [];
  const why = unreachable(policy, people, null);
  if (why !== null) warnings.push(`Nobody can complete a review today: ${why}.`);
  const noChannels = connection.plugins.find(({ channels }) => channels.length === 0);
  if (noChannels && policy.groups.length > 0) {
    warnings.push(`No channel of ${noChannels.name} is named, so reviewers are not asked there.`);
  }
  if (policy.groups.length === 0) return warnings;
  for (const { name, channels, channelIds } of connection.plugins) {
    if (channels.length > 0 && !plugins.includes(name)) {
      warnings.push(`The plugin ${name} is not configured, so reviewers are not asked in ${channels.join(', ')}.`);
    }
    for (const [index, id] of channelIds.entries()) {
      const refusal = refusing.find(({ channel }) => channel === id);
      if (refusal) warnings.push(`${channels[index] ?? id} refuses hoop's messages: ${refusal.advice}`);
    }
  }
  return warnings;
}

export async function listConnectionViews(ctx: Context): Promise<ConnectionView[]> {
  const { user } = requireUser(ctx);
  const around = await surroundingsOf(ctx.core);
  return (await listConnections(ctx.core.db)).map((connection) => connectionViewOf(connection, around, user.id));
}

/** Throws `not_found`. */
export async function getConnectionView(ctx: Context, name: string): Promise<ConnectionView> {
  const { user } = requireUser(ctx);
  const connection = await findConnection(ctx.core.db, name);
  if (!connection) throw connectionNotFound(name);
  return connectionViewOf(connection, await surroundingsOf(ctx.core), user.id);
}

export const connectionNotFound = (name: string): HoopError =>
  new HoopError('not_found', `There is no connection ${name}.`);
