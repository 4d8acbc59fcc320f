import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { signalOrLeaveToSweep } from '#core/decide-review.ts';
import { decodeDecideValue } from '../../blocks/decide-value.ts';
import { adoptCopy } from '../adopt-copy.ts';
import { decideWithin } from '../decide-within.ts';
import type { ListenerDeps } from '../deps.ts';
import { clickOf } from '../payload.ts';
import { tellPrivately } from '../private-answer.ts';

/** Commit, acknowledge, signal: in this order, so that a click that was acknowledged is never lost. */
export function approve(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body, respond }) => {
    const click = clickOf(body);
    const shown = decodeDecideValue(click.value);
    if (!shown) {
      await ack();
      return tellPrivately(respond, 'hoop cannot read this button any more.', deps.log);
    }
    const answer = await decideWithin(deps, { identity: click.identity, shown, verdict: 'approve' });
    await ack();
    if (answer.kind === 'decided') await signalOrLeaveToSweep(deps.core, answer.decided.decision);
    if (answer.kind === 'refused') await tellPrivately(respond, answer.message, deps.log);
    if (answer.kind === 'late') await tellPrivately(respond, await answer.truth, deps.log);
    await adoptCopy(deps, { sessionId: shown.sessionId, channel: click.channel, ts: click.ts }, respond);
  };
}
