/** The plugins that an admin names for a connection, with channels as Slack knows them. */
import type { ConnectionInput } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import type { ConnectionPlugin } from '#db/connections.ts';
import { listAnnouncedChannels, noteAnnouncedChannel } from '#db/slack-channels.ts';
import type { Core } from './context.ts';
import { noteBotApp } from './slack-bot-app.ts';
import { otherAppProblem } from './slack-state.ts';
import { requireSlackTokens, slackPlugin } from './slack-tokens.ts';

/** Accepted for scripts written for other versions: reviews need no plugin here. */
const ignored = 'review';

/** Channels are absent where none were named: those that are there stay. */
export type NamedPlugin = Pick<ConnectionPlugin, 'name'> & Partial<ConnectionPlugin>;

/** Throws `plugin_unknown`, `invalid_input`, and `slack_channel_refused` for a channel that Slack does not know. */
export async function resolvePlugins(
  core: Core,
  connection: string,
  named: ConnectionInput['plugins'],
): Promise<NamedPlugin[]> {
  const resolved: NamedPlugin[] = [];
  // the last one would win in silence, with nobody asked in the channels of the others
  if ((named ?? []).filter(({ name }) => name === slackPlugin).length > 1) {
    throw new HoopError(
      'invalid_input',
      `plugins: ${slackPlugin} is named more than once; name it once with all its channels, as in 'slack:ops;sre'.`,
    );
  }
  for (const plugin of named ?? []) {
    if (plugin.name === ignored) continue;
    if (plugin.name !== slackPlugin) {
      throw new HoopError(
        'plugin_unknown',
        `hoop has no plugin ${JSON.stringify(plugin.name)}; there is ${slackPlugin}.`,
      );
    }
    resolved.push(await resolveSlack(core, connection, plugin.channels));
  }
  return resolved;
}

async function resolveSlack(core: Core, connection: string, channels: string[] | undefined): Promise<NamedPlugin> {
  const tokens = await requireSlackTokens(core);
  if (channels === undefined) return { name: slackPlugin };
  const key = { teamId: tokens.info.team?.id ?? '', pluginVersion: tokens.version };
  const announced = await listAnnouncedChannels(core.db, key);
  const resolved = await core.slack.resolveChannels(tokens, { channels, connection, announced });
  for (const channel of resolved.channels) await noteAnnouncedChannel(core.db, key, channel);
  await noteBotApp(core, tokens, resolved.botAppId);
  const problem = otherAppProblem({ ...tokens.info, botAppId: resolved.botAppId });
  if (problem !== null) throw new HoopError('slack_refused', problem);
  return {
    name: slackPlugin,
    channels: resolved.channels.map(({ name }) => name),
    channelIds: resolved.channels.map(({ id }) => id),
  };
}
