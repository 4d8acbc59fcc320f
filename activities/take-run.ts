/** How `execute` gets a run to carry: consumed for an instance with room, or taken up where it is held already. */
import type { KeyObject } from 'node:crypto';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { HoopError } from '#shared/errors.ts';
import { executeFailures } from '#shared/execute-failures.ts';
import type { AgentLine } from '#core/agent-line.ts';
import { consumeRun, type SignedOrder } from '#core/consume-run.ts';
import type { Core } from '#core/context.ts';
import { noteForgery } from '#core/note-forgery.ts';
import type { Place, Turn, WaitingRuns } from '#core/waiting-runs.ts';
import { notify } from '#db/notices.ts';
import { findAgentRoom } from '#db/run-limits.ts';
import { findSession } from '#db/sessions.ts';

export interface ExecuteDeps {
  core: Core;
  gatewayKey: KeyObject;
  agentName: string;
  /** Whose lines these are. */
  gatewayId: string;
  /** A line to an instance of the agent that takes new work, that of `journalId` where one is named; undefined when none is here. */
  line: (journalId: string | undefined) => AgentLine | undefined;
  /** Who waits here because a limit is reached. */
  waiting: WaitingRuns;
}

/** While it waits for its turn: often enough to be alive, and for a withdrawal to be heard. */
const waitBeatMs = 2_000;
/** For those that may not wait here, as too many do: they come back from the queue. */
const comeBackMs = 10_000;
export interface TakenRun {
  line: AgentLine;
  order: SignedOrder;
}

/** What was consumed before goes to the one instance that may hold it. */
export async function takeUpAgain(
  deps: ExecuteDeps,
  sessionId: string,
  journalId: string,
  envelopeVersion: number | undefined,
): Promise<TakenRun> {
  const line = deps.line(journalId);
  if (!line) throw agentOffline();
  const order = await consumeOrFail(deps, sessionId, line, envelopeVersion);
  if (order instanceof HoopError) throw ApplicationFailure.retryable(order.message, order.code);
  return { line, order };
}

/** Consumes the run for an instance with room; while none has, it waits here until it is told of a free place. */
export async function takeInTurn(
  deps: ExecuteDeps,
  sessionId: string,
  envelopeVersion: number | undefined,
  context: Context,
): Promise<TakenRun> {
  let turn: Turn | undefined;
  let beat: NodeJS.Timeout | undefined;
  try {
    for (;;) {
      const line = deps.line(undefined);
      const order = line && (await consumeFor(deps, sessionId, line, envelopeVersion));
      if (line && order && !(order instanceof HoopError)) return { line, order };
      const refused = order instanceof HoopError ? order : undefined;
      const { place, until, why } = await whatIsFull(deps, sessionId, refused);
      if (!turn) {
        turn = deps.waiting.enter(place);
        if (!turn) throw comeBack(why);
        await notify(deps.core.db, { kind: 'state', id: sessionId }); // who watches is told why it waits
        beat = setInterval(() => context.heartbeat(), waitBeatMs);
      }
      await turn.next(place, until, context.cancellationSignal);
    }
  } catch (error) {
    if (isRequested(context)) await context.cancelled; // rejects
    if (context.cancellationSignal.aborted) throw agentOffline();
    throw error;
  } finally {
    clearInterval(beat);
    turn?.leave();
  }
}

async function consumeFor(
  deps: ExecuteDeps,
  sessionId: string,
  line: AgentLine,
  envelopeVersion: number | undefined,
): Promise<SignedOrder | HoopError> {
  let order: SignedOrder | HoopError | undefined;
  try {
    return (order = await consumeOrFail(deps, sessionId, line, envelopeVersion));
  } finally {
    if (order === undefined || order instanceof HoopError) line.unused();
  }
}

/** What has to be waited for here. Throws where another gateway may know better. */
async function whatIsFull(
  { core, agentName, gatewayId }: ExecuteDeps,
  sessionId: string,
  refused: HoopError | undefined,
): Promise<{ place: Place; until: Date; why: string }> {
  const session = await findSession(core.db, sessionId);
  if (!session) throw ApplicationFailure.nonRetryable('there is no such session', 'session_ended');
  const until = session.expiresAt;
  if (refused?.code === 'connection_full' && session.connectionId !== null)
    return { place: { agent: agentName, connection: session.connectionId }, until, why: refused.message };
  const elsewhere = await findAgentRoom(core.db, agentName, gatewayId);
  if (elsewhere.withRoom > 0)
    throw ApplicationFailure.retryable('another instance of the agent has room', 'agent_full');
  const room = await findAgentRoom(core.db, agentName);
  // nobody is there at all: its queue waits
  if (room.online === 0 || (!refused && room.ready > 0)) throw agentOffline();
  return {
    place: { agent: agentName },
    until,
    why: refused?.message ?? 'every instance of the agent is being stopped',
  };
}

const agentOffline = (): ApplicationFailure =>
  ApplicationFailure.retryable('the agent that holds the run is not connected here', 'agent_offline');

/** Not all at the same moment. */
const comeBack = (message: string): ApplicationFailure =>
  ApplicationFailure.create({
    message,
    type: 'agent_full',
    nextRetryDelay: Math.round(comeBackMs * (0.5 + Math.random())),
  });

/** Gives the refusal where it is only a matter of waiting for others to end. */
async function consumeOrFail(
  deps: ExecuteDeps,
  sessionId: string,
  line: AgentLine,
  envelopeVersion: number | undefined,
): Promise<SignedOrder | HoopError> {
  try {
    return await consumeRun(deps.core, deps.gatewayKey, sessionId, line, envelopeVersion);
  } catch (error) {
    if (!(error instanceof HoopError)) throw error;
    if (error.code === 'connection_full' || error.code === 'agent_full') return error;
    if (error.code === 'not_found') throw ApplicationFailure.nonRetryable(error.message, 'session_ended');
    if (error.code === 'run_not_approved' || error.code === 'review_open') {
      await noteForgery(deps.core.db, { kind: 'run.refused', sessionId, details: { why: error.message } });
    }
    const final = executeFailures.some((type) => type === error.code);
    if (final) throw ApplicationFailure.nonRetryable(error.message, error.code);
    throw ApplicationFailure.retryable(error.message, error.code);
  }
}

/** The workflow wants the command stopped; every other reason only means that this gateway has to let go. */
export function isRequested(context: Context): boolean {
  return context.cancellationDetails?.cancelRequested === true;
}
