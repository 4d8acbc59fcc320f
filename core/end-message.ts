/** Why a session ended without a result of its own, in a sentence for people. */
import { policySchema } from '#shared/policy-schema.ts';
import type { EndState } from '#shared/session-states.ts';
import type { DecisionRow } from '#db/decisions.ts';
import type { SessionRow } from '#db/sessions.ts';

const causes: Record<string, string> = {
  connection_changed: 'The connection was changed after this was asked; ask again.',
  window_closed: 'The time window of the connection was closed.',
  run_not_approved: 'The decisions do not allow this to run any more; ask again.',
  policy_missing: 'The review policy of the connection cannot be read, so nothing runs on it.',
  agent_refused: 'The agent refused to run it.',
};

/** Of what ran under a grant. */
export const grantOver = 'The grant it ran under is over.';

/** `by`: the decision that settled it; `cause`: the code of an error that stood in the way. */
export function endMessage(
  session: SessionRow,
  state: Extract<EndState, 'rejected' | 'expired' | 'cancelled' | 'revoked' | 'failed'>,
  by: DecisionRow | undefined,
  cause: string | null,
): string | null {
  const who = by ? by.userName || by.userEmail : 'somebody';
  const why = by?.reason ? `: ${by.reason}` : '';
  switch (state) {
    case 'rejected':
      return `Rejected by ${who}${why}`;
    case 'revoked':
      if (!by && session.grantId !== null) return grantOver;
      return `Revoked by ${who}${why}`;
    case 'cancelled':
      return `Withdrawn by ${by ? who : 'the requester'}${why}`;
    case 'expired':
      if (session.approvedAt && windowOf(session) !== undefined)
        return `It could not run within its time window (${windowOf(session)}) before it expired.`;
      return session.approvedAt
        ? `The agent ${session.agentName} did not take it in time.`
        : 'Nobody completed the review in time.';
    case 'failed':
      return causes[cause ?? ''] ?? 'Something went wrong inside hoop; the log says what.';
  }
}

function windowOf(session: SessionRow): string | undefined {
  return policySchema.safeParse(session.policy).data?.window;
}
