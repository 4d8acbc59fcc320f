import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { signalOrLeaveToSweep } from '#core/decide-review.ts';
import { decodeDecideValue, reasonInput } from '../../blocks/decide-value.ts';
import { noticeModal } from '../../blocks/reject-modal.ts';
import { cut } from '../../blocks/text.ts';
import { decideWithin } from '../decide-within.ts';
import type { ListenerDeps } from '../deps.ts';
import { identityOf } from '../payload.ts';

/** Which request it is about stands in the view itself, so any replica can take it, also after a restart. */
export function rejectReason(deps: ListenerDeps): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return async ({ ack, body, view, client }) => {
    const shown = decodeDecideValue(view.private_metadata);
    const reason = view.state.values[reasonInput]?.[reasonInput]?.value?.trim() ?? '';
    if (!shown) return ack();
    if (reason === '') {
      return ack({ response_action: 'errors', errors: { [reasonInput]: 'Say why, so that who asked can act on it.' } });
    }
    const answer = await decideWithin(deps, { identity: identityOf(body), shown, verdict: 'reject', reason });
    if (answer.kind === 'decided') {
      await ack();
      return signalOrLeaveToSweep(deps.core, answer.decided.decision);
    }
    if (answer.kind === 'refused') {
      return ack({ response_action: 'update', view: noticeModal(shown, answer.message) });
    }
    const waiting = 'hoop is slow to answer; whether your rejection counts is said here in a moment.';
    await ack({ response_action: 'update', view: noticeModal(shown, waiting) });
    const truth = cut(await answer.truth, 1000).text;
    try {
      await client.views.update({ view_id: view.id, view: noticeModal(shown, truth) });
    } catch (error) {
      deps.log.warn({ sessionId: shown.sessionId, err: error }, 'outcome of a rejection not shown');
    }
  };
}
