import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { decodeDecideValue, reasonInput } from '../../blocks/decide-value.ts';
import { rejectFrame } from '../../blocks/reject-modal.ts';
import type { ListenerDeps } from '../deps.ts';
import { identityOf } from '../payload.ts';
import { reasonOf, reasonProblem, submitDecision } from './submit-decision.ts';

/** Which request it is about stands in the view itself, so any replica can take it, also after a restart. */
export function rejectReason(deps: ListenerDeps): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return async (submitted) => {
    const { ack, body, view } = submitted;
    const shown = decodeDecideValue(view.private_metadata);
    if (!shown) return ack();
    const reason = reasonOf(submitted);
    const problem = reasonProblem(reason, 'Say why, so that who asked can act on it.');
    if (problem !== null) return ack({ response_action: 'errors', errors: { [reasonInput]: problem } });
    const request = { identity: identityOf(body), shown, verdict: 'reject', reason } as const;
    await submitDecision(deps, submitted, rejectFrame(shown), request);
  };
}
