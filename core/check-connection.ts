/** What saving a connection would do: the same judgement as when it is saved, and nothing is written. */
import { randomUUID } from 'node:crypto';
import type { ConnectionCheck } from '#shared/connection-check.ts';
import { HoopError } from '#shared/errors.ts';
import { findConnection, type ConnectionPlugin, type ConnectionRow } from '#db/connections.ts';
import { countDependents } from '#db/renewals.ts';
import { whatIsApprovedChanged } from './connection-changes.ts';
import { resolvePlugins } from './connection-plugins.ts';
import { surroundingsOf, warningsOf } from './connection-views.ts';
import { requireAdmin, type Context } from './context.ts';
import { judgeConnection, type ConnectionToSave, type FieldRefusal } from './judge-connection.ts';

/** Channels are not looked up: Slack tells whether it knows them when they are saved. */
export async function checkConnection(ctx: Context, input: ConnectionToSave): Promise<ConnectionCheck> {
  requireAdmin(ctx);
  const { core } = ctx;
  const found = await findConnection(core.db, input.name);
  const before = input.overwrite ? found : undefined;
  const { fields, policy, refusals } = await judgeConnection(core.db, core, {
    id: before?.id ?? randomUUID(),
    before,
    input,
  });
  const all: FieldRefusal[] = [...refusals, ...(await pluginRefusals(ctx, input))];
  if (found && !before) {
    all.unshift({ field: 'name', code: 'name_taken', message: `There is a connection ${input.name} already.` });
  }
  const changes = before && fields ? whatIsApprovedChanged(core, before, fields) : [];
  const { waiting, grants } = before && changes.length > 0 ? await countDependents(core.db, before.id) : none;
  const plugins = pluginsWith(before, input);
  const warnings = policy ? warningsOf({ policy, plugins }, await surroundingsOf(core)) : [];
  return { refusals: all, warnings, changes, waiting, grants };
}

const none = { waiting: 0, grants: 0 };

async function pluginRefusals({ core }: Context, { name, plugins }: ConnectionToSave): Promise<FieldRefusal[]> {
  try {
    await resolvePlugins(
      core,
      name,
      plugins?.map((plugin) => ({ name: plugin.name })),
    );
    return [];
  } catch (error) {
    if (!(error instanceof HoopError)) throw error;
    return [{ field: 'plugins', code: error.code, message: error.message }];
  }
}

/** As saving leaves them, but for the ids of channels that are new. */
function pluginsWith(before: ConnectionRow | undefined, { plugins }: ConnectionToSave): ConnectionPlugin[] {
  if (plugins?.length === 0) return [];
  const all = new Map((before?.plugins ?? []).map((plugin) => [plugin.name, plugin]));
  for (const { name, channels } of plugins ?? []) {
    const kept = all.get(name);
    const same = channels === undefined || channels.join() === kept?.channels.join();
    all.set(name, same && kept ? kept : { name, channels: channels ?? [], channelIds: [] });
  }
  return [...all.values()].filter(({ name }) => name !== 'review');
}
