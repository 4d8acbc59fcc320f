/** Why a session waits, in sentences for who asked; and when it may run. */
import { agentFullText, drainingText, fullText } from '#shared/limit-text.ts';
import { lapseText, renewalText } from '#shared/renewal-text.ts';
import { lapsedApprovals, unreachable } from '#shared/review-policy.ts';
import { waitsToRun } from '#shared/session-states.ts';
import { openingText, readTimeWindow, windowAt } from '#shared/time-window.ts';
import type { Queryable } from '#db/pool.ts';
import { countRunsOfConnection, findAgentRoom, findMaxRuns } from '#db/run-limits.ts';
import { findRenewal } from '#db/renewals.ts';
import type { SessionRow } from '#db/sessions.ts';
import { listPeople } from '#db/users.ts';
import type { LoadedReview } from './review-facts.ts';

/** Everything that the person who waits should know of the state; null: nothing. */
export async function waitingText(
  db: Queryable,
  session: SessionRow,
  review: LoadedReview,
  now: Date,
): Promise<string | null> {
  if (!waitsToRun(session.state)) return null;
  const renewal = await findRenewal(db, session.id, session.envelopeVersion);
  const asks = review.policy.groups.length > 0;
  const runsAt = runsAtText(session, review, now);
  const sentences = [
    // once approved as it is now, nobody asks any more
    ...(renewal && asks === (session.state === 'pending') ? [renewalText(renewal, asks)] : []),
    ...lapsedTexts(review),
    ...(session.state === 'pending' ? await whyNobodyCan(db, session, review) : []),
    ...(runsAt === null ? await whyNoPlace(db, session) : [`It ${runsAt}.`]),
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
}

/** What is full, of an approved command that no agent has taken yet. */
async function whyNoPlace(db: Queryable, session: SessionRow): Promise<string[]> {
  const { kind, state, connectionId, connectionName, agentName } = session;
  if (kind !== 'exec' || !['approved', 'queued'].includes(state)) return [];
  const maxRuns = connectionId === null ? 0 : await findMaxRuns(db, connectionId);
  if (connectionId !== null && maxRuns > 0 && (await countRunsOfConnection(db, connectionId)) >= maxRuns)
    return [`It waits: ${fullText(connectionName, maxRuns)}.`];
  const room = await findAgentRoom(db, agentName);
  if (room.online === 0 || room.withRoom > 0) return [];
  if (room.ready === 0) return [`It waits: ${drainingText(agentName)}.`];
  return [`It waits: ${agentFullText(agentName, room.maxRuns, room.ready)}.`];
}

/** "runs at 22:00 UTC", while an approved session waits for its window; null: it waits for none. */
export function runsAtText(session: SessionRow, review: LoadedReview, now: Date): string | null {
  const { window } = review.policy;
  if (window === undefined || !['approved', 'queued'].includes(session.state)) return null;
  const state = windowAt(readTimeWindow(window), now);
  if (state.open) return null;
  const opens = openingText(state.opensAt, state.zone, now);
  if (state.opensAt >= session.expiresAt) return `cannot run: it expires before ${opens}, when its time window opens`;
  return `runs at ${opens}`;
}

function lapsedTexts(review: LoadedReview): string[] {
  return lapsedApprovals(review).map(({ userId, groups, active }) => {
    const email = review.decisions.find((d) => d.userId === userId)?.userEmail ?? userId;
    return lapseText(email, groups, active);
  });
}

/** "nobody but you is in sre": why today's people cannot complete a pending review. */
async function whyNobodyCan(db: Queryable, session: SessionRow, review: LoadedReview): Promise<string[]> {
  const why = unreachable(review.policy, await listPeople(db), session.requesterId);
  return why === null ? [] : [`Nobody can complete this review today: ${why}.`];
}
