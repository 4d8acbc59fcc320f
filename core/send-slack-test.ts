/** Posts a message that asks for nothing, so that an admin sees where hoop's messages arrive. */
import { HoopError } from '#shared/errors.ts';
import type { SlackTestSent } from '#shared/slack-admin-schemas.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { noteChannelTakes } from '#db/slack-channels.ts';
import { takeTurn } from '#db/slack-pace.ts';
import { actorName, requireAdmin, requireUser, type Context } from './context.ts';
import { noteBotApp } from './slack-bot-app.ts';
import { slackPermalink } from './slack-permalink.ts';
import { requireSlackTokens, slackPlugin } from './slack-tokens.ts';

/** Of all admins together, well below what Slack takes in one channel. */
const limit = { everyMs: 5_000, burst: 3 };

/**
 * Throws `plugin_unknown` while Slack is not configured, `too_many_attempts`, `slack_channel_refused` that says what to
 * do, and `slack_unavailable`.
 */
export async function sendSlackTest(ctx: Context, asked: string): Promise<SlackTestSent> {
  requireAdmin(ctx);
  const { user } = requireUser(ctx);
  const { core } = ctx;
  const tokens = await requireSlackTokens(core);
  const teamId = tokens.info.team?.id ?? '';
  const waitMs = await takeTurn(core.db, `test ${user.id}`, [{ name: `${teamId} test messages`, ...limit }]);
  if (waitMs > 0) {
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    const message = `Too many test messages just now; send the next one in ${retryAfterSeconds} s.`;
    throw new HoopError('too_many_attempts', message, { retryAfterSeconds });
  }
  // written before: whatever Slack answers, and whether or not the answer comes, it is known who posted
  await audit(core.db, {
    actor: actorName(ctx.actor),
    action: 'plugin.test',
    subject: `plugin:${slackPlugin}`,
    details: { channel: asked, team: teamId },
  });
  const { channel, ts, botAppId } = await core.slack.postTest(tokens, { channel: asked, by: user.email });
  await noteBotApp(core, tokens, botAppId);
  // messages that wait for this channel need not wait any longer
  await noteChannelTakes(core.db, { teamId, channel: channel.id });
  await notify(core.db, { kind: 'changed', topic: 'plugins' });
  return { channel, permalink: slackPermalink(tokens.info.team?.url, { channel: channel.id, ts }) };
}
