import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { grantLimits } from '#shared/api-paths.ts';
import { formatDuration, parseDuration } from '#shared/duration-text.ts';
import type { EnvelopeText } from '#shared/slack-view.ts';
import { approveFrame } from '../../blocks/approve-modal.ts';
import {
  choiceInput,
  decodeChoice,
  decodePlace,
  durationInput,
  reasonInput,
  type ApproveChoice,
} from '../../blocks/decide-value.ts';
import { fitsInMessage } from '../../blocks/envelope-parts.ts';
import { readingPages } from '../../blocks/reading-pages.ts';
import type { ListenerDeps } from '../deps.ts';
import { identityOf } from '../payload.ts';
import { reasonOf, reasonProblem, submitDecision } from './submit-decision.ts';

/** Approve on the last page: only there has the person been shown all of it. */
export function approveInFull(deps: ListenerDeps): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return async (submitted) => {
    const { ack, body, view } = submitted;
    const place = decodePlace(view.private_metadata);
    if (!place) return ack();
    const entered = view.state.values[choiceInput]?.[choiceInput];
    const choice: ApproveChoice = decodeChoice(entered?.selected_option?.value) ?? { kind: 'all' };
    const reason = reasonOf(submitted);
    const force = choice.kind === 'force';
    const problem = reasonProblem(reason, force ? 'Forcing an approval needs a reason.' : null);
    if (problem !== null) return ack({ response_action: 'errors', errors: { [reasonInput]: problem } });
    const duration = durationOf(view.state.values[durationInput]?.[durationInput]?.value);
    if (duration === null) return ack({ response_action: 'errors', errors: { [durationInput]: noDuration } });
    await submitDecision(deps, submitted, approveFrame(place), {
      identity: identityOf(body),
      shown: place,
      digest: place.digest,
      verdict: 'approve',
      reason,
      force,
      duration,
      group: choice.kind === 'group' ? choice.group : undefined,
      wasShown: (text) => place.page === lastPage(text),
    });
  };
}

const fewest = formatDuration(grantLimits.fewestSeconds);
const noDuration = `Please write a duration of at least ${fewest}, as in 10m or 1h30m.`;

/** Undefined: all that was asked for; null: no duration of a grant. Whether it is too long is for `decideReview`. */
function durationOf(entered: string | null | undefined): number | undefined | null {
  if (entered == null || entered.trim() === '') return undefined;
  const seconds = parseDuration(entered);
  return seconds === null || seconds < grantLimits.fewestSeconds ? null : seconds;
}

function lastPage(text: EnvelopeText): number | undefined {
  return fitsInMessage(text) ? 0 : readingPages(text)?.length;
}
