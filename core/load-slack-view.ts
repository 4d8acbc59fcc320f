/** What Slack shows of a session, from the rows. */
import { consolePaths } from '#shared/api-paths.ts';
import { envelopeSchema } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { grantedSeconds, lapsedApprovals, tallyReview, type Standing } from '#shared/review-policy.ts';
import { isEndState } from '#shared/session-states.ts';
import type { EnvelopeText, SlackGrant, SlackPerson, SlackSessionView } from '#shared/slack-view.ts';
import { isAgentOnline } from '#db/agents.ts';
import type { DecisionRow } from '#db/decisions.ts';
import type { Queryable } from '#db/pool.ts';
import { findRenewal } from '#db/renewals.ts';
import { findEnvelope, findSession, type SessionRow } from '#db/sessions.ts';
import { findSlackIdentity } from '#db/users.ts';
import { loadReview, type LoadedReview } from './review-facts.ts';
import { runsAtText } from './waiting-text.ts';

/** Throws `not_found`, and `policy_missing` when the session's policy cannot be read. */
export async function loadSlackView(db: Queryable, publicUrl: string, sessionId: string): Promise<SlackSessionView> {
  const session = await findSession(db, sessionId);
  const body = session && (await findEnvelope(db, sessionId, session.envelopeVersion));
  if (!session || body === undefined) throw new HoopError('not_found', 'There is no such session.');
  const review = await loadReview(db, session);
  const standing = tallyReview(review);
  const person = await peopleOf(db, session.requesterId, review.decisions);
  return {
    id: session.id,
    state: session.state,
    revision: session.revision,
    url: publicUrl + consolePaths.session(session.id),
    connection: session.connectionName,
    agent: { name: session.agentName, online: await isAgentOnline(db, session.agentName) },
    requester: person(session.requesterId, session.requesterName, session.requesterEmail),
    digest: session.digest,
    envelopeVersion: session.envelopeVersion,
    grant: await grantOf(db, publicUrl, session, review),
    ...envelopeText(body),
    createdAt: session.createdAt,
    expiresAt: session.expiresAt,
    startedAt: session.startedAt,
    endedAt: session.endedAt,
    exitCode: session.exitCode,
    exitSignal: session.exitSignal,
    message: session.endMessage,
    groups: standing.groups,
    approvals: standing.approvals,
    approvalsNeeded: standing.approvalsNeeded,
    distinctReviewers: review.policy.distinctReviewers,
    forceApproveGroups: review.policy.forceApproveGroups,
    forced: standing.forced,
    decisions: review.decisions.map((d) => ({
      id: d.id,
      by: person(d.userId, d.userName, d.userEmail),
      verdict: d.verdict,
      group: d.group,
      force: d.force,
      reason: d.reason,
      at: d.createdAt,
      shortenedTo: shortenedTo(d, session),
      gaveBack: d.verdict === 'cancel' && session.kind === 'connect' && session.startedAt !== null,
      countsFor: d.verdict === 'approve' && d.digest === session.digest ? groupsApprovedBy(standing, d) : [],
      outdated: d.digest !== session.digest,
    })),
    renewal: (await findRenewal(db, sessionId, session.envelopeVersion)) ?? null,
    lapsed: lapsedApprovals(review).map(({ userId, groups, active }) => {
      const by = review.decisions.find((d) => d.userId === userId);
      return { by: person(userId, by?.userName ?? '', by?.userEmail ?? userId), groups, active };
    }),
    window: review.policy.window ?? null,
    runsAt: runsAtText(session, review, new Date()),
    remindedAt: session.remindedAt,
  };
}

async function grantOf(
  db: Queryable,
  publicUrl: string,
  { durationSeconds, activeUntil, grantId }: SessionRow,
  review: LoadedReview,
): Promise<SlackGrant | null> {
  if (durationSeconds === null) return null;
  const other = grantId === null ? undefined : await findSession(db, grantId);
  return {
    askedSeconds: durationSeconds,
    grantedSeconds: grantedSeconds(review, durationSeconds),
    activeUntil,
    extends: other
      ? {
          url: publicUrl + consolePaths.session(other.id),
          until: other.activeUntil,
          isOver: other.state === 'closing' || isEndState(other.state),
        }
      : null,
  };
}

const shortenedTo = ({ durationSeconds }: DecisionRow, session: SessionRow): number | null =>
  durationSeconds != null && durationSeconds < (session.durationSeconds ?? 0) ? durationSeconds : null;

/** What a reviewer has to read, from the canonical bytes of an envelope. */
export function envelopeText(body: string): EnvelopeText {
  const envelope = envelopeSchema.parse(JSON.parse(body));
  const script = Buffer.from(envelope.script, 'base64');
  return {
    durationSeconds: envelope.durationSeconds ?? null,
    reason: envelope.reason,
    command: envelope.connection.command,
    runAs: envelope.runAs ?? null,
    args: envelope.args,
    script: decoded(script),
    scriptBytes: script.length,
    envNames: Object.keys(envelope.env),
  };
}

function groupsApprovedBy({ groups }: Standing, { userId, group }: DecisionRow): string[] {
  return groups.filter((g) => g.approvedBy.includes(userId) && (group ?? g.group) === g.group).map((g) => g.group);
}

async function peopleOf(db: Queryable, requesterId: string, decisions: DecisionRow[]) {
  const slackIds = new Map<string, string>();
  for (const id of new Set([requesterId, ...decisions.map((d) => d.userId)])) {
    const identity = await findSlackIdentity(db, id);
    if (identity) slackIds.set(id, identity.slackId);
  }
  return (id: string, name: string, email: string): SlackPerson => ({ slackId: slackIds.get(id) ?? null, name, email });
}

/** Null where the bytes are no text. */
function decoded(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
