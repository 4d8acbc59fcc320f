/** A decision that was taken in a modal: its answer replaces the modal, which closes when the decision counts. */
import type { SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { limits } from '#shared/api-paths.ts';
import { signalOrLeaveToSweep } from '#core/decide-review.ts';
import { notYetShown } from '../../blocks/approve-modal.ts';
import { durationInput, reasonInput } from '../../blocks/decide-value.ts';
import { noticeModal, type ModalFrame } from '../../blocks/modal.ts';
import type { DecideRequest } from '../attempt.ts';
import { decideWithin } from '../decide-within.ts';
import type { ListenerDeps } from '../deps.ts';
import { fillModal } from '../show-modal.ts';

type Submitted = SlackViewMiddlewareArgs<ViewSubmitAction> & { client: WebClient };

export const reasonOf = ({ view }: Submitted): string =>
  view.state.values[reasonInput]?.[reasonInput]?.value?.trim() ?? '';

/** What is wrong with the reason, below its field; null when nothing is. */
export function reasonProblem(reason: string, required: string | null): string | null {
  if (reason === '' && required !== null) return required;
  return reason.length > limits.reasonLength ? `Please stay within ${limits.reasonLength} characters.` : null;
}

export async function submitDecision(
  deps: ListenerDeps,
  { ack, view, client }: Submitted,
  frame: ModalFrame,
  request: DecideRequest,
): Promise<void> {
  const answer = await decideWithin(deps, request);
  const show = (text: string) => ack({ response_action: 'update', view: noticeModal(frame, text) });
  switch (answer.kind) {
    case 'decided':
      await ack();
      return signalOrLeaveToSweep(deps.core, answer.decided.decision);
    case 'refused':
      // nothing else of what was entered is refused so
      if (answer.error.code === 'invalid_input' && request.duration !== undefined) {
        return ack({ response_action: 'errors', errors: { [durationInput]: sentenceOf(answer.error.message) } });
      }
      return show(answer.error.message);
    case 'not_shown':
      return show(notYetShown);
    case 'late': {
      await show('hoop is slow to answer; whether your decision counts is said here in a moment.');
      await fillModal(deps, client, { view_id: view.id }, noticeModal(frame, await answer.truth));
    }
  }
}

/** "duration: must be ...", as the API says it, below the field of that name. */
function sentenceOf(message: string): string {
  const text = message.replace(/^duration: /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
