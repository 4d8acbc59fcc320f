import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import { helpMessage } from '../../blocks/help-message.ts';

/** Somebody who mentions the bot wants to know what it is for. */
export function appMention(): Middleware<SlackEventMiddlewareArgs<'app_mention'>> {
  return async ({ event, say }) => {
    await say({ ...helpMessage(), thread_ts: event.thread_ts ?? event.ts });
  };
}
