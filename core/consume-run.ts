/**
 * The last gate before anything runs. The approval is derived again from the decision rows and consumed in one
 * transaction that names the one agent instance and journal. Nothing that Temporal says is trusted here.
 */
import { randomBytes, sign, type KeyObject } from 'node:crypto';
import { orderBytes, type AgentFeature, type Order } from '#shared/agent-protocol.ts';
import { canonicalJson } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { tallyReview, type ReviewOutcome } from '#shared/review-policy.ts';
import { isEndState } from '#shared/session-states.ts';
import { openingText, readTimeWindow, windowAt } from '#shared/time-window.ts';
import { fullText } from '#shared/limit-text.ts';
import { findAgent, holdsEpoch } from '#db/agents.ts';
import { audit } from '#db/audit.ts';
import type { ConnectionRow } from '#db/connections.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import { countRunsOfConnection, countRunsOfInstance, lockLimits } from '#db/run-limits.ts';
import { countOutput, findRun, insertRun, type NewRun, type RunRow } from '#db/runs.ts';
import { findSession, holdSession, lockSession, setState, type SessionRow } from '#db/sessions.ts';
import { findUser } from '#db/users.ts';
import { checkGrant } from './active-grant.ts';
import { alignSession, loadEnvelope } from './align-session.ts';
import type { Core } from './context.ts';
import { nudgeSoon } from './nudge-workflows.ts';
import { loadReview, readPolicy } from './review-facts.ts';
import { connectionIdentity, runIdentity } from './sealer.ts';

export interface AgentHold {
  instanceId: string;
  journalId: string;
  agentName: string;
  /** Of the connection that would carry the order. */
  epoch: number;
}

export interface SignedOrder {
  order: string;
  signature: string;
  nonce: string;
  /** What is stored of the output already. */
  fromOffset: number;
  /** Bytes that an agent which keeps the limit of the session may still send: of the command, and of what was typed. */
  room: { output: number; typed: number };
  /** That limit. */
  maxOutputBytes: number;
  /** What the agent must know of: one of an earlier release would run it otherwise than approved. */
  needs: AgentFeature[];
  /** No order of it was sent before. */
  isFirst: boolean;
}

/** An agent has this long to take an order into its journal. */
const acceptWithinMs = 60_000;
/** An agent ends a command that goes over the limit of the session; one that does not do so by this much is not trusted. */
const roomSlackBytes = 1024 * 1024;

/**
 * Consumes the approval of a session for `agent`, or finds that this very journal holds it already. `envelopeVersion`:
 * the one that the caller was told to run. Throws `run_not_approved`, `review_open` (approvals
 * are missing, or do not count now), `run_expired`, `connection_changed` (the session
 * has another envelope by now), `window_closed`, `connection_full` and `agent_full` (as many commands run there as may
 * at once), `session_ended`, `agent_offline` when the agent has dialled in
 * elsewhere or was deleted, and `run_consumed` when another journal holds the run.
 */
export async function consumeRun(
  core: Core,
  gatewayKey: KeyObject,
  sessionId: string,
  agent: AgentHold,
  envelopeVersion?: number,
): Promise<SignedOrder> {
  const order = await inTransaction(core.db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (!session) throw new HoopError('not_found', 'There is no such session.');
    if (isEndState(session.state)) throw new HoopError('session_ended', `The session has ended (${session.state}).`);
    const { body, envelope } = await loadEnvelope(tx, session);
    const before = await findRun(tx, sessionId);
    if (before && before.journalId !== agent.journalId) {
      throw new HoopError('run_consumed', 'The run belongs to the journal of another agent instance.');
    }
    if (!before && envelopeVersion !== undefined && envelopeVersion !== session.envelopeVersion) throw changed(session);
    if (agent.agentName !== envelope.agent)
      throw new HoopError('run_not_approved', 'The run was approved for another agent.');
    if (!(await holdsEpoch(tx, agent.instanceId, agent.epoch)))
      throw new HoopError('agent_offline', 'The agent has another connection by now, or was deleted.');
    const run = before ?? (await consume(core, tx, session, agent));
    if (run instanceof HoopError) return run;
    const signed: Order = {
      sessionId,
      agent: agent.agentName,
      instanceId: agent.instanceId,
      journalId: agent.journalId,
      nonce: run.nonce,
      acceptBefore: new Date(core.now().getTime() + acceptWithinMs).toISOString(),
      digest: session.digest,
      envelope: body,
      connectionEnv: openEnv(core, run),
    };
    const remains = await remainsOf(tx, session, core.now());
    if (remains) Object.assign(signed, remains);
    // consumed, and perhaps never sent: what was revoked since is only to be found again, and never to begin
    if (before && (await isStopped(tx, session, signed, core.now()))) signed.acceptBefore = core.now().toISOString();
    const text = canonicalJson(signed);
    const signature = sign(null, orderBytes(text), gatewayKey).toString('base64');
    const needs: AgentFeature[] = envelope.runAs === undefined ? [] : ['run_as'];
    const { maxOutputBytes } = envelope;
    const room = await roomOf(tx, session, maxOutputBytes + roomSlackBytes);
    const isFirst = !before;
    const { nonce } = run;
    return { order: text, signature, nonce, fromOffset: session.outputBytes, needs, isFirst, room, maxOutputBytes };
  });
  if (!(order instanceof HoopError)) return order;
  nudgeSoon(core, [sessionId]);
  throw order;
}

/** Only a terminal records more than output, and has to be counted. */
async function roomOf(tx: Queryable, session: SessionRow, most: number): Promise<SignedOrder['room']> {
  const { output, typed } = session.terminal
    ? await countOutput(tx, session.id)
    : { output: session.outputBytes, typed: 0 };
  return { output: most - output, typed: most - typed };
}

/** A refusal that is given, not thrown, stands beside changes that are to be committed. */
async function consume(core: Core, tx: Queryable, session: SessionRow, agent: AgentHold): Promise<NewRun | HoopError> {
  if (session.expiresAt <= core.now()) throw new HoopError('run_expired', 'The request expired before it could run.');
  const { what, as } = await alignSession(tx, session, { now: core.now() });
  if (what === 'renewed') return changed(session);
  if (what === 'ended') return new HoopError('session_ended', 'The session has ended.');
  if (what === 'reopened') return isOpen();
  if (!as) throw new HoopError('run_not_approved', 'The session does not wait to run.');
  const { connection, review, envelope } = as;
  readPolicy(connection.policy, connection.name);
  if (session.grantId !== null) {
    const grant = await holdSession(tx, session.grantId);
    const of = { session: grant, userId: session.requesterId, connection, now: core.now() };
    const held = await checkGrant(tx, of).catch(refusedByGrant);
    if (held.session.digest !== envelope.grant?.digest) throw notApproved('open');
  }
  const requester = await findUser(tx, session.requesterId);
  if (!requester?.active) throw new HoopError('run_not_approved', 'The account of who asked is not active any more.');
  const { outcome } = tallyReview({ ...review, policy: envelope.policy });
  if (outcome === 'open') throw isOpen();
  if (outcome !== 'approved') throw notApproved(outcome);
  refuseOutsideWindow(core, session, envelope.policy.window);
  await refuseFull(tx, connection, agent);
  const run = {
    sessionId: session.id,
    envelopeVersion: session.envelopeVersion,
    digest: session.digest,
    agentInstanceId: agent.instanceId,
    journalId: agent.journalId,
    nonce: randomBytes(24).toString('base64url'),
    envSealed: sealEnv(core, session.id, connection),
    approvedBy: review.decisions.filter((d) => d.verdict === 'approve' && d.digest === session.digest).map((d) => d.id),
  };
  await insertRun(tx, run);
  await setState(tx, session.id, 'running');
  await notify(tx, { kind: 'state', id: session.id });
  await audit(tx, {
    actor: 'system:gateway',
    action: 'run.consume',
    subject: `session:${session.id}`,
    details: {
      digest: run.digest,
      agentInstance: run.agentInstanceId,
      journal: run.journalId,
      approvedBy: run.approvedBy,
    },
  });
  return run;
}

/** Counted under a lock, as the last thing before the run is written: two never take the same place. */
async function refuseFull(tx: Queryable, connection: ConnectionRow, agent: AgentHold): Promise<void> {
  const { id, name, maxRuns } = connection;
  const ofInstance = (await findAgent(tx, agent.agentName))?.maxRuns ?? 0;
  const limited = [...(maxRuns > 0 ? [id] : []), ...(ofInstance > 0 ? [agent.instanceId] : [])];
  await lockLimits(tx, limited);
  if (maxRuns > 0 && (await countRunsOfConnection(tx, id)) >= maxRuns)
    throw new HoopError('connection_full', `${fullText(name, maxRuns)}.`);
  if (ofInstance > 0 && (await countRunsOfInstance(tx, agent.instanceId)) >= ofInstance)
    throw new HoopError(
      'agent_full',
      `An instance of agent ${agent.agentName} runs ${ofInstance} of ${ofInstance} commands.`,
    );
}

/** It would not run by being tried again either. */
function refusedByGrant(error: unknown): never {
  throw error instanceof HoopError ? new HoopError('run_not_approved', error.message) : error;
}

/**
 * What is left of the grant that a command runs under: the agent holds to it, also while nobody reaches it. An order
 * that is sent again after the end of the grant only serves to find the command.
 */
async function remainsOf(
  tx: Queryable,
  session: SessionRow,
  now: Date,
): Promise<Pick<Order, 'grantUntil' | 'runSeconds'> | undefined> {
  if (session.grantId === null) return undefined;
  const until = (await findSession(tx, session.grantId))?.activeUntil ?? now;
  const seconds = Math.floor((until.getTime() - now.getTime()) / 1000);
  return { grantUntil: until.toISOString(), runSeconds: Math.max(1, seconds) };
}

/** Whether the rows say that the run is to end: it was revoked, or its grant is over. */
async function isStopped(tx: Queryable, session: SessionRow, { grantUntil }: Order, now: Date): Promise<boolean> {
  if (grantUntil !== undefined && new Date(grantUntil) <= now) return true;
  return tallyReview(await loadReview(tx, session)).outcome === 'revoked';
}

function refuseOutsideWindow(core: Core, session: SessionRow, window: string | undefined): void {
  if (window === undefined) return;
  const state = windowAt(readTimeWindow(window), core.now());
  if (state.open) return;
  const opens = openingText(state.opensAt, state.zone, core.now());
  throw new HoopError(
    'window_closed',
    `${session.connectionName} runs commands only within ${window}; it opens at ${opens}.`,
  );
}

const changed = (session: SessionRow): HoopError =>
  new HoopError('connection_changed', `${session.connectionName} was changed after this was asked.`);
const isOpen = (): HoopError =>
  new HoopError('review_open', 'Approvals of this request are missing, or do not count any more.');
const notApproved = (outcome: ReviewOutcome): HoopError =>
  new HoopError('run_not_approved', `The decisions of this request do not allow it to run (${outcome}).`);

/**
 * The run keeps the environment it was consumed with: an order that is sent again, perhaps days later, is the same
 * order, whatever became of the connection.
 */
function sealEnv(core: Core, sessionId: string, connection: ConnectionRow): Buffer | null {
  if (!connection.envSealed) return null;
  return core.sealer.seal(
    runIdentity(sessionId),
    core.sealer.open(connectionIdentity(connection.id), connection.envSealed),
  );
}

function openEnv(core: Core, run: Pick<RunRow, 'sessionId' | 'envSealed'>): Record<string, string> {
  if (!run.envSealed) return {};
  return JSON.parse(core.sealer.open(runIdentity(run.sessionId), run.envSealed)) as Record<string, string>;
}
