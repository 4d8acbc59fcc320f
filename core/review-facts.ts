/** Reads what the review policy is applied to, from the rows, inside the caller's transaction. */
import { HoopError } from '#shared/errors.ts';
import { policySchema } from '#shared/policy-schema.ts';
import type { PersonFact, ReviewFacts, ReviewPolicy } from '#shared/review-policy.ts';
import { listDeciders, listDecidersOf, listDecisions, listDecisionsOf, type DecisionRow } from '#db/decisions.ts';
import type { Queryable } from '#db/pool.ts';
import { isGrantActive, listActiveGrants } from '#db/grants.ts';
import type { SessionRow } from '#db/sessions.ts';

/** Throws `policy_missing`: a connection whose policy is missing or unreadable runs nothing. */
export function readPolicy(stored: unknown, connection: string): ReviewPolicy {
  const parsed = policySchema.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new HoopError(
    'policy_missing',
    `The review policy of ${connection} cannot be read, so nothing runs on it; an admin has to set it again.`,
  );
}

export interface LoadedReview extends ReviewFacts {
  decisions: DecisionRow[];
}

export async function loadReview(db: Queryable, session: SessionRow): Promise<LoadedReview> {
  const [decisions, people] = [await listDecisions(db, session.id), await listDeciders(db, session.id)];
  return factsOf(session, decisions, people, runsUnderGrant(session) && !(await isGrantActive(db, session.grantId)));
}

/** Of a list of sessions, in its order: a few queries for all of them. */
export async function loadReviews(db: Queryable, sessions: SessionRow[]): Promise<LoadedReview[]> {
  if (sessions.length === 0) return [];
  const ids = sessions.map(({ id }) => id);
  const grants = sessions.filter(runsUnderGrant).map(({ grantId }) => grantId);
  const decisions = new Map<string, DecisionRow[]>();
  for (const row of await listDecisionsOf(db, ids)) {
    decisions.set(row.sessionId, [...(decisions.get(row.sessionId) ?? []), row]);
  }
  const people = decisions.size === 0 ? [] : await listDecidersOf(db, [...decisions.keys()]);
  const active = new Set(grants.length === 0 ? [] : await listActiveGrants(db, [...new Set(grants)]));
  return sessions.map((session) => {
    const theirs = decisions.get(session.id) ?? [];
    const deciders = people.filter(({ id }) => theirs.some(({ userId }) => userId === id));
    return factsOf(session, theirs, deciders, runsUnderGrant(session) && !active.has(session.grantId));
  });
}

const runsUnderGrant = (session: SessionRow): session is SessionRow & { grantId: string } =>
  session.kind === 'exec' && session.grantId !== null;

function factsOf(
  session: SessionRow,
  decisions: DecisionRow[],
  people: PersonFact[],
  grantOver: boolean,
): LoadedReview {
  return {
    policy: readPolicy(session.policy, session.connectionName),
    requesterId: session.requesterId,
    digest: session.digest,
    decisions,
    people,
    ...(grantOver && { grantOver }),
  };
}

/** The facts with one more person in them, e.g. the one about to decide. */
export function withPerson<T extends ReviewFacts>(facts: T, person: PersonFact): T {
  return { ...facts, people: [...facts.people.filter((p) => p.id !== person.id), person] };
}
