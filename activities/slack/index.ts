/** Activities on the Slack task queue: messages and direct messages, kept as the rows say. */
import type { SlackActivities } from '../types.ts';
import type { SlackActivityDeps } from './deps.ts';
import { sendDirectMessages } from './send-direct-messages.ts';
import { syncSlackMessage } from './sync-slack-message.ts';
import { tellInSlack } from './tell-in-slack.ts';

export type { SlackActivityDeps } from './deps.ts';

export function createSlackActivities(deps: SlackActivityDeps): SlackActivities {
  const each = { syncSlackMessage: syncSlackMessage(deps), sendDirectMessages: sendDirectMessages(deps) };
  return { ...each, tellInSlack: tellInSlack(each) };
}
