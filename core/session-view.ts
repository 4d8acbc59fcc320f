/** Sessions as API, CLI, console and stream show them. */
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { consolePaths } from '#shared/api-schemas.ts';
import type { AskedChannel } from '#shared/asked-channels.ts';
import { envelopeSchema } from '#shared/envelope.ts';
import { removedText } from '#shared/limit-text.ts';
import { refusalOf, tallyReview, type Standing } from '#shared/review-policy.ts';
import { isEndState, sessionCan, whyNot } from '#shared/session-states.ts';
import type { EndEvent, StateEvent } from '#shared/stream-events.ts';
import { workflowId } from '#shared/task-queues.ts';
import { isAgentOnline, listOnlineAgents } from '#db/agents.ts';
import type { DecisionRow } from '#db/decisions.ts';
import { findEnvelope, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { askedChannels } from './asked-channels.ts';
import { isAdmin, type Core } from './context.ts';
import { loadReview, loadReviews, withPerson, type LoadedReview } from './review-facts.ts';
import { requestChangeOf } from './request-change.ts';
import { reviewPreviewOf } from './review-preview.ts';
import { sessionTimeline } from './session-timeline.ts';
import { waitingText } from './waiting-text.ts';

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export function sessionUrl(core: Pick<Core, 'publicUrl'>, id: string): string {
  return core.publicUrl + consolePaths.session(id);
}

export async function sessionViewOf(core: Core, row: SessionRow): Promise<SessionView> {
  const [review, online, asked] = await Promise.all([
    loadReview(core.db, row),
    isAgentOnline(core.db, row.agentName),
    askedChannels(core.db, row),
  ]);
  return viewOf(core, row, review, online, asked);
}

/** Lists ask a few questions for all rows together. */
export async function sessionViewsOf(core: Core, rows: SessionRow[]): Promise<SessionView[]> {
  const online = new Set(await listOnlineAgents(core.db));
  const reviews = await loadReviews(core.db, rows);
  return rows.flatMap((row, at) => {
    const review = reviews[at];
    return review ? [viewOf(core, row, review, online.has(row.agentName))] : [];
  });
}

function viewOf(
  core: Core,
  row: SessionRow,
  review: LoadedReview,
  online: boolean,
  asked?: AskedChannel[],
): SessionView {
  const standing = tallyReview(review);
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    url: sessionUrl(core, row.id),
    connection: row.connectionName,
    agent: { name: row.agentName, online },
    requester: { id: row.requesterId, email: row.requesterEmail, name: row.requesterName },
    reason: row.reason,
    correlationId: row.correlationId,
    digest: row.digest,
    envelopeVersion: row.envelopeVersion,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    stateSince: row.stateSince.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    duration: row.durationSeconds,
    activeUntil: iso(row.activeUntil),
    terminal: row.terminal,
    grant: row.grantId,
    exitCode: row.exitCode,
    exitSignal: row.exitSignal,
    message: row.endMessage,
    outputBytes: row.outputBytes,
    recordingRemovedAt: iso(row.recordingRemovedAt),
    review: {
      groups: groupsOf(standing, review.decisions),
      approvals: standing.approvals,
      approvalsNeeded: standing.approvalsNeeded,
      forced: standing.forced,
      askedIn: row.askedIn,
      ...(asked && { asked }),
      ...(row.waitsForPerson !== undefined && { waitsForMe: row.waitsForPerson }),
      ...(row.previewed !== undefined && { preview: reviewPreviewOf(row.previewed) }),
    },
  };
}

function groupsOf(standing: Standing, decisions: DecisionRow[]): SessionView['review']['groups'] {
  const emails = new Map(decisions.map((d) => [d.userId, d.userEmail]));
  return standing.groups.map((g) => ({
    group: g.group,
    met: g.met,
    approvedBy: g.approvedBy.map((id) => emails.get(id) ?? id),
  }));
}

/** With the envelope in full and what `user` may do. */
export async function sessionDetailOf(core: Core, row: SessionRow, user: UserRow): Promise<SessionDetail> {
  const [review, online, asked, body] = await Promise.all([
    loadReview(core.db, row),
    isAgentOnline(core.db, row.agentName),
    askedChannels(core.db, row),
    findEnvelope(core.db, row.id, row.envelopeVersion),
  ]);
  if (body === undefined) throw new Error(`session ${row.id} has no envelope ${row.envelopeVersion}`);
  const envelope = envelopeSchema.parse(JSON.parse(body));
  const script = Buffer.from(envelope.script, 'base64');
  const utf8 = Buffer.from(script.toString('utf8'), 'utf8').equals(script);
  return {
    ...viewOf(core, row, review, online, asked),
    message: row.endMessage ?? (await waitingText(core.db, row, review, core.now())),
    envelope: {
      command: envelope.connection.command,
      args: envelope.args,
      script: script.toString(utf8 ? 'utf8' : 'base64'),
      scriptEncoding: utf8 ? 'utf8' : 'base64',
      env: envelope.env,
      terminal: envelope.terminal ?? null,
      connectionEnvNames: envelope.connection.envNames,
      connectionVersion: envelope.connection.version,
      maxRuntimeSeconds: envelope.maxRuntimeSeconds,
      maxOutputBytes: envelope.maxOutputBytes,
      runAs: envelope.runAs ?? null,
      idleSeconds: envelope.idleSeconds ?? 0,
    },
    change: await requestChangeOf(core.db, row, envelope),
    policy: policyOf(review),
    decisions: review.decisions.map((d) => ({
      id: d.id,
      seq: d.seq,
      verdict: d.verdict,
      by: { id: d.userId, email: d.userEmail, name: d.userName },
      group: d.group,
      force: d.force,
      reason: d.reason,
      via: d.via,
      at: d.createdAt.toISOString(),
      digest: d.digest,
      duration: d.durationSeconds ?? null,
    })),
    timeline: await sessionTimeline(core.db, row, review.decisions),
    can: permissionsOf(row, review, user),
    myGroups: review.policy.groups.filter((group) => user.groups.includes(group)),
    workflowUrl:
      isAdmin(user) && core.temporalUiUrl !== null ? `${core.temporalUiUrl}/workflows/${workflowId(row.id)}` : null,
  };
}

function policyOf({ policy }: LoadedReview): SessionDetail['policy'] {
  const { groups, minApprovals, distinctReviewers, forceApproveGroups, window } = policy;
  return { groups, minApprovals, distinctReviewers, forceApproveGroups, ...(window !== undefined && { window }) };
}

function permissionsOf(row: SessionRow, review: LoadedReview, user: UserRow): SessionDetail['can'] {
  const self = { id: user.id, active: user.active, groups: user.groups };
  const facts = withPerson(review, self);
  const verdict = (kind: 'approve' | 'reject', force = false) => {
    if (!sessionCan(kind, row.state)) return { allowed: false, why: whyNot(kind, row.state) };
    const attempt = { verdict: kind, group: null, force, reason: 'asked', digest: row.digest };
    const refusal = refusalOf(attempt, self, isAdmin(user), facts);
    return { allowed: refusal === null, why: refusal?.message ?? null };
  };
  const ending = (kind: 'cancel' | 'revoke', may: boolean, who: string) => {
    if (!sessionCan(kind, row.state)) return { allowed: false, why: whyNot(kind, row.state) };
    return { allowed: may, why: may ? null : who };
  };
  return {
    approve: verdict('approve'),
    ...(review.policy.forceApproveGroups.length > 0 ? { force: verdict('approve', true) } : {}),
    reject: verdict('reject'),
    cancel: ending('cancel', row.requesterId === user.id, 'Only who asked may withdraw a request.'),
    revoke: ending('revoke', isAdmin(user), 'Only admins may revoke a session.'),
  };
}

/** What the stream says of the present state. */
export async function stateEventOf(core: Core, row: SessionRow): Promise<StateEvent> {
  const event: StateEvent = { event: 'state', state: row.state, since: row.stateSince.toISOString() };
  if (isEndState(row.state)) return event;
  const [review, online] = await Promise.all([loadReview(core.db, row), isAgentOnline(core.db, row.agentName)]);
  event.agent = { name: row.agentName, online };
  if (row.activeUntil) event.activeUntil = row.activeUntil.toISOString();
  else if (row.state !== 'running') event.expiresAt = row.expiresAt.toISOString();
  const message = await waitingText(core.db, row, review, core.now());
  if (message !== null) event.message = message;
  if (review.policy.groups.length === 0) return event;
  const standing = tallyReview(review);
  event.groups = groupsOf(standing, review.decisions);
  event.approvals = standing.approvals;
  event.approvalsNeeded = standing.approvalsNeeded;
  if (row.state !== 'pending') return event;
  event.askedIn = row.askedIn;
  const asked = await askedChannels(core.db, row);
  if (asked) event.asked = asked;
  return event;
}

/** The last event of a stream; undefined while the session is open. */
export function endEventOf(row: SessionRow): EndEvent | undefined {
  if (!isEndState(row.state)) return undefined;
  const event: EndEvent = { event: 'end', state: row.state };
  if (row.exitCode !== null) event.exitCode = row.exitCode;
  const message = [row.endMessage, row.recordingRemovedAt && removedText(row.recordingRemovedAt)];
  if (message.some(Boolean)) event.message = message.filter(Boolean).join(' ');
  if (row.endCause === 'run_time' || row.endCause === 'output_limit' || row.endCause === 'idle')
    event.cause = row.endCause;
  return event;
}
