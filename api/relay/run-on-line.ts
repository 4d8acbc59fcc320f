/** One run over one agent line: order out, output into Postgres and to whoever watches, the end back. */
import type { ExitedFrame } from '#shared/agent-protocol.ts';
import { isOutput } from '#shared/output-frame.ts';
import { HandedBack, type RunSignals } from '#core/agent-line.ts';
import type { SignedOrder } from '#core/consume-run.ts';
import type { Core } from '#core/context.ts';
import { createOutputWriter } from '#core/run-output.ts';
import type { AgentConnection } from './agent-line.ts';
import type { FeedPublisher } from './session-feed.ts';

/** Between SIGTERM and SIGKILL of a command that is stopped. */
const stopGraceMs = 5000;

export class LineBroken extends Error {
  override readonly name = 'LineBroken';
}

export interface RunOnLine {
  core: Core;
  feed: FeedPublisher;
  connection: AgentConnection;
  sessionId: string;
  order: SignedOrder;
  signals: RunSignals;
  /** The order is on its way, and what concerns the session can follow it. */
  onLine: () => void;
}

/**
 * Resolves with the agent's report once every byte before it is stored. Rejects with `LineBroken` when the line or
 * Postgres fails or `abandon` fires: the run goes on at the agent, and a retry takes it up where it is stored.
 */
export function runOnLine({
  core,
  feed,
  connection,
  sessionId,
  order,
  signals,
  onLine,
}: RunOnLine): Promise<ExitedFrame> {
  const { agent } = connection;
  if (!order.needs.every((feature) => agent.features.includes(feature)))
    return Promise.resolve(refusal(sessionId, order, 'it is of a release that cannot run it as approved; upgrade it'));
  if (order.isFirst && connection.isDraining())
    return Promise.reject(new HandedBack('the agent said that it is being stopped'));
  return new Promise<ExitedFrame>((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => finish(() => reject(new LineBroken(why, { cause })));
    const writer = createOutputWriter({
      db: core.db,
      sessionId,
      from: order.fromOffset,
      onChunk(chunk) {
        const kind = isOutput(chunk) ? 'output' : 'typed';
        room[kind] -= chunk.data.length;
        if (room[kind] < 0) endOver();
        else feed.publish(sessionId, { kind: 'output', chunk });
      },
      onStored: (offset) => connection.send({ type: 'ack', sessionId, offset }),
      onRefused(from, why) {
        core.log.error({ sessionId, from, why }, 'Postgres does not take the output of a command, which is stopped');
        missing = { from, why };
        stop();
      },
      onError: (error) => fail('output could not be stored', error),
    });
    /** From where on the recording lacks what the command wrote. */
    let missing: { from: number; why: string } | undefined;
    const room = { ...order.room };
    /** The agent was to end the command before: nothing it says of it is waited for. */
    const endOver = (): void => {
      core.log.error({ sessionId, agent: agent.agentName }, 'an agent sent more output than the session may have');
      stop();
      detach();
      writer.close();
      writer.flushed().finally(() => finish(() => resolve(tooMuch(sessionId, order))));
    };
    let isTaken = false;
    /** Frames that an earlier attempt left on the line come before what the agent sends for this order. */
    let inStep = false;
    const stop = () => connection.send({ type: 'stop', sessionId, graceMs: stopGraceMs });
    const abandon = () => fail('the gateway lets go of the run');
    const detach = connection.attach(sessionId, {
      onOutput(chunk) {
        if (writer.push(chunk)) inStep = true;
        else if (inStep) fail(`output of the agent leaves a gap before ${chunk.offset}, or is too much at once`);
      },
      onExited(frame) {
        if (frame.nonce !== order.nonce) return fail('the agent reports the end of another order');
        if (frame.outputBytes > writer.next) return fail('the agent reported the end before all of its output came');
        writer.flushed().then(() => finish(() => resolve(missing ? unrecorded(frame, missing) : frame)), reject);
      },
      onTaken(nonce) {
        isTaken ||= nonce === order.nonce;
      },
      onRefused({ nonce, code, message }) {
        if (nonce !== order.nonce) return; // of an order that was handed back
        // an agent that is being stopped says so before, and hands back nothing that it has begun
        const mayHandBack = connection.isDraining() && !isTaken && writer.next === order.fromOffset;
        if (code === 'agent_draining' && mayHandBack) finish(() => reject(new HandedBack(message)));
        else finish(() => resolve(refusal(sessionId, order, message)));
      },
      // who watches has seen what came: it is kept, as nobody may bring it a second time
      onBroken: () => void writer.flushed().finally(() => fail('the line to the agent broke')),
      onReplaced: () => fail('another attempt has taken the run up'),
    });
    const finish = (settle: () => void) => {
      detach();
      writer.close();
      signals.stop.removeEventListener('abort', stop);
      signals.abandon.removeEventListener('abort', abandon);
      settle();
    };
    signals.stop.addEventListener('abort', stop, { once: true });
    signals.abandon.addEventListener('abort', abandon, { once: true });
    connection.sendOrder(sessionId, order);
    if (connection.has(sessionId)) onLine();
    if (signals.stop.aborted) stop();
    if (signals.abandon.aborted) abandon();
  });
}

function unrecorded(frame: ExitedFrame, { from, why }: { from: number; why: string }): ExitedFrame {
  const bytes = frame.outputBytes - from;
  const message = `Postgres did not take the output (${why}), so the command was stopped: of ${frame.outputBytes} bytes, ${bytes} are missing from the recording, from byte ${from} on.`;
  return { ...frame, reason: 'unrecorded', message };
}

function tooMuch(sessionId: string, order: SignedOrder): ExitedFrame {
  return {
    ...nothing(sessionId, order),
    reason: 'output_limit',
    message: `The agent sent more than the ${order.maxOutputBytes} bytes of output that the session may have, and was told to end the command.`,
  };
}

/** An order that the agent did not take: nothing ran, and nothing will. */
function refusal(sessionId: string, order: SignedOrder, message: string): ExitedFrame {
  return {
    ...nothing(sessionId, order),
    reason: 'start_failed',
    message: `The agent refused the order: ${message}`.slice(0, 2000),
  };
}

/** What the gateway knows of an end that no agent reported. */
function nothing(sessionId: string, { nonce }: SignedOrder): Omit<ExitedFrame, 'reason' | 'message'> {
  return { type: 'exited', sessionId, nonce, exitCode: null, signal: null, outputBytes: 0, durationMs: 0 };
}
