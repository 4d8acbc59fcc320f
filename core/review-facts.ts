/** Reads what the review policy is applied to, from the rows, inside the caller's transaction. */
import { HoopError } from '#shared/errors.ts';
import { policySchema } from '#shared/policy-schema.ts';
import type { PersonFact, ReviewFacts, ReviewPolicy } from '#shared/review-policy.ts';
import { listDeciders, listDecisions, type DecisionRow } from '#db/decisions.ts';
import type { Queryable } from '#db/pool.ts';
import { isGrantActive } from '#db/grants.ts';
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
  const grantOver = session.kind === 'exec' && session.grantId !== null && !(await isGrantActive(db, session.grantId));
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
