/** Public channels of the workspace, for an admin who chooses where requests are asked. */
import type { SlackChannelList } from '#shared/slack-admin-schemas.ts';
import { requireAdmin, type Context } from './context.ts';
import { requireSlackTokens } from './slack-tokens.ts';
import type { SlackChannel } from './slack-verifier.ts';

/** Nobody reads more than this; whoever looks for another one types more of its name. */
const mostShown = 50;

/**
 * Those whose name or id has the text in it; names that begin with it come first. Throws `plugin_unknown` while Slack is
 * not configured, `slack_channel_refused` and `slack_unavailable`.
 */
export async function listSlackChannels(ctx: Context, search: string): Promise<SlackChannelList> {
  requireAdmin(ctx);
  const channels = await ctx.core.slack.listChannels(await requireSlackTokens(ctx.core));
  const found = matching(channels, search);
  return { channels: found.slice(0, mostShown), total: found.length };
}

function matching(channels: readonly SlackChannel[], search: string): SlackChannel[] {
  const wanted = search.trim().replace(/^#/, '').toLowerCase();
  const begins: SlackChannel[] = [];
  const holds: SlackChannel[] = [];
  for (const channel of channels) {
    const at = channel.name.toLowerCase().indexOf(wanted, 1);
    if (at === 1) begins.push(channel);
    else if (at > 1 || channel.id.toLowerCase() === wanted) holds.push(channel);
  }
  return [...begins, ...holds];
}
