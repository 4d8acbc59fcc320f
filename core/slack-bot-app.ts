/** Only a message tells which app the bot belongs to, so every post is looked at. */
import { notePluginInfo } from '#db/plugins.ts';
import type { Core } from './context.ts';
import { otherAppProblem } from './slack-state.ts';
import { slackPlugin, type OpenedSlack } from './slack-tokens.ts';

/**
 * `messageAppId` is `message.app_id` of what `chat.postMessage` answered. Tokens of two apps become the error of the
 * plugin, until other tokens are set. Writes only what was not known before, and never throws: the post stands.
 */
export async function noteBotApp(
  core: Pick<Core, 'db' | 'log'>,
  slack: Pick<OpenedSlack, 'version' | 'info'>,
  messageAppId: string | undefined,
): Promise<void> {
  if (messageAppId === undefined || slack.info.botAppId === messageAppId) return;
  const problem = otherAppProblem({ ...slack.info, botAppId: messageAppId });
  if (problem !== null) core.log.error({ problem }, 'the tokens of Slack belong to two apps');
  try {
    await notePluginInfo(core.db, slackPlugin, slack.version, { botAppId: messageAppId });
  } catch (error) {
    core.log.warn({ err: error }, 'the app that the bot posts as could not be noted');
  }
}
