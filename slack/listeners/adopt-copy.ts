/**
 * A message whose posting hoop never heard of (the reply was lost) is noticed when somebody clicks on it: it becomes
 * the session's message, or, where there is another, is rewritten to show how things are.
 */
import type { RespondFn } from '@slack/bolt';
import { adoptSlackCopy } from '#core/adopt-slack-copy.ts';
import { reviewMessage } from '../blocks/review-message.ts';
import type { ListenerDeps } from './deps.ts';

export interface ClickedCopy {
  sessionId: string;
  channel: string | undefined;
  ts: string | undefined;
}

export async function adoptCopy(deps: ListenerDeps, copy: ClickedCopy, respond: RespondFn): Promise<void> {
  const { sessionId, channel, ts } = copy;
  if (channel === undefined || ts === undefined) return;
  try {
    const view = await adoptSlackCopy(deps.core, { sessionId, channel, ts });
    if (view) await respond({ replace_original: true, ...reviewMessage(view) });
  } catch (error) {
    deps.log.warn({ sessionId, channel, err: error }, 'copy of a message not rewritten');
  }
}
