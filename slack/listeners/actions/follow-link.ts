import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';

/** Slack opens the page by itself and tells the app of the click, which has to be acknowledged all the same. */
export function followLink(): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack }) => ack();
}
