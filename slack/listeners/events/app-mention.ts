import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import { claimSlackEvent } from '#core/claim-slack-event.ts';
import { helpMessage } from '../../blocks/help-message.ts';
import type { ListenerDeps } from '../deps.ts';

/** Somebody who mentions the bot wants to know what it is for; another bot does not. */
export function appMention({ core }: ListenerDeps): Middleware<SlackEventMiddlewareArgs<'app_mention'>> {
  return async ({ event, body, say }) => {
    if (event.bot_id !== undefined || !(await claimSlackEvent(core, body.event_id))) return;
    await say({ ...helpMessage(), thread_ts: event.thread_ts ?? event.ts });
  };
}
