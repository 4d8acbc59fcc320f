/** Makes a connection, or changes what is named of one. */
import { randomUUID } from 'node:crypto';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { audit } from '#db/audit.ts';
import {
  clearConnectionPlugins,
  findConnection,
  insertConnection,
  lockConnectionForChange,
  setConnectionPlugin,
  updateConnection,
  type ConnectionRow,
} from '#db/connections.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, violatedConstraint, type Queryable } from '#db/pool.ts';
import { insertConnectionChange } from '#db/renewals.ts';
import { alignBehind } from './align-session.ts';
import { whatIsApprovedChanged } from './connection-changes.ts';
import { checkArgv, checkEnv, checkEnvNames } from './connection-input.ts';
import { resolvePlugins, type NamedPlugin } from './connection-plugins.ts';
import { connectionViewOf, surroundingsOf } from './connection-views.ts';
import { actorName, requireAdmin, type Context } from './context.ts';
import { agentUnknown, judgeConnection, type ConnectionToSave } from './judge-connection.ts';

export type { ConnectionToSave };
export interface SavedConnection {
  view: ConnectionView;
  created: boolean;
}

/**
 * Throws `name_taken`, `agent_unknown`, `group_unknown`, `plugin_unknown`, `slack_channel_refused`,
 * `policy_impossible`, `policy_missing` (the stored policy cannot be read and none is named), `connection_outdated`
 * (it is not of the revision that is named any more), `invalid_input`.
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
  if (before && input.revision !== undefined && before.revision !== input.revision) {
    const message = `Somebody changed the connection ${input.name} since you read it; look at what it is now, and save again.`;
    throw new HoopError('connection_outdated', message);
  }
  const id = before?.id ?? randomUUID();
  const { fields, refusals } = await judgeConnection(tx, ctx.core, { id, before, input });
  if (fields === null) {
    const [{ code, message } = { code: 'internal' as const, message: 'The connection was refused.' }] = refusals;
    throw new HoopError(code, message);
  }
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
      changed: Object.keys(input).filter((key) => !['name', 'overwrite', 'revision'].includes(key)),
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

const nameTaken = (name: string): HoopError =>
  new HoopError('name_taken', `There is a connection ${name} already; --overwrite changes what you name of it.`);
