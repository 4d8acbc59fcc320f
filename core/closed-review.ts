/** Who closed a review and how, as sentences for those who come too late. */
import { tallyReview } from '#shared/review-policy.ts';
import { whyNot, type SessionAction, type SessionState } from '#shared/session-states.ts';
import type { DecisionRow } from '#db/decisions.ts';
import type { LoadedReview } from './review-facts.ts';

const verdicts = {
  approve: 'approved it',
  reject: 'rejected it',
  cancel: 'withdrew it',
  revoke: 'revoked it',
} as const;
/** The decisions that led to a state, by verdict. */
const ledTo: Partial<Record<SessionState, DecisionRow['verdict']>> = {
  rejected: 'reject',
  cancelled: 'cancel',
  revoked: 'revoke',
};
const namesAtMost = 5;

/** As `whyNot`, and by whom: "This session has already ended (rejected). Carol Castro (carol@example.com) rejected it." */
export function whyClosed(action: SessionAction, state: SessionState, decisions: readonly DecisionRow[]): string {
  const why = whyNot(action, state);
  if (state === 'expired') return why;
  const verdict = ledTo[state] ?? 'approve';
  const those = decisions.filter((decision) => decision.verdict === verdict);
  const named = those.slice(-namesAtMost).map((decision) => `${nameOf(decision)} ${verdicts[verdict]}${how(decision)}`);
  if (named.length === 0) return why;
  const others = those.length - named.length;
  return `${why} ${named.join(', ')}${others > 0 ? `, and ${others} more` : ''}.`;
}

/** Why a review takes no decision any more though its session is still open; null when it does. */
export function whyStopped(verdict: 'approve' | 'reject', review: LoadedReview): string | null {
  const { outcome } = tallyReview(review);
  return outcome === 'open' || outcome === 'approved'
    ? null
    : whyClosed(
        verdict,
        outcome,
        review.decisions.filter(({ digest }) => digest === review.digest),
      );
}

const nameOf = ({ userName, userEmail }: DecisionRow): string =>
  userName.trim() === '' ? userEmail : `${userName.trim()} (${userEmail})`;

function how({ group, force }: DecisionRow): string {
  return `${group === null ? '' : ` for ${group}`}${force ? ', forced' : ''}`;
}
