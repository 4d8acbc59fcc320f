/** One agent instance on its WebSocket, after `welcome`: frames in and out, and the runs that hang on the line. */
import type { WebSocket, RawData } from 'ws';
import type { Logger } from 'pino';
import {
  agentFrame,
  maxFrameBytes,
  outputFrameBytes,
  type AgentFrame,
  type ExitedFrame,
  type GatewayFrame,
} from '#shared/agent-protocol.ts';
import { encodeSessionInput } from '#shared/input-frame.ts';
import { decodeSessionOutput, type OutputChunk } from '#shared/output-frame.ts';
import type { ConnectedAgent } from '#core/enrol-agent.ts';
import type { SignedOrder } from '#core/consume-run.ts';
import type { KeptLine } from './keep-alive.ts';

export type RefusedFrame = Extract<AgentFrame, { type: 'order_refused' }>;

/** What a run takes from the line. */
export interface RunEvents {
  onOutput(chunk: OutputChunk): void;
  onExited(frame: ExitedFrame): void;
  onRefused(frame: RefusedFrame): void;
  /** The agent said that it has taken the order with that nonce. */
  onTaken(nonce: string): void;
  /** The line is gone; what came over it came. */
  onBroken(): void;
  /** Another attempt of the run has taken its place. */
  onReplaced(): void;
}

export interface AgentConnection {
  readonly agent: ConnectedAgent;
  send(frame: GatewayFrame): void;
  sendOrder(sessionId: string, order: SignedOrder): void;
  /**
   * Hangs a run on the line until the returned function is called. An earlier attempt of the same run loses the line,
   * and one that comes after the line broke is told so.
   */
  attach(sessionId: string, events: RunEvents): () => void;
  has(sessionId: string): boolean;
  /** How many runs hang on it. */
  load(): number;
  isDraining(): boolean;
  /** Null: not measured yet. */
  roundTripMs(): number | null;
  /** What was typed; `frame`: as `encodeInput` gives it. */
  input(sessionId: string, frame: Uint8Array): void;
  close(): void;
  /** Ends it at once: its other end is elsewhere by now, and may never answer here. */
  cut(): void;
}

export interface AgentConnectionOptions {
  socket: WebSocket;
  agent: ConnectedAgent;
  kept: KeptLine;
  log: Logger;
  onJournal: (runs: { sessionId: string }[]) => void;
  /** The agent is being stopped: it takes no new orders. */
  onDraining: () => void;
  /** An end for which no run waits here: it may be forgotten when the session has ended. */
  onStrayExit: (sessionId: string) => void;
  /** The terminal of a session that runs here has taken input of a client. */
  onInputTaken: (sessionId: string, client: string, offset: number) => void;
  onClose: () => void;
}

/** Bytes that may wait for an agent: four of the largest frames. */
const bufferedBytes = 4 * maxFrameBytes;

export function createAgentConnection(options: AgentConnectionOptions): AgentConnection {
  const { socket, agent, log } = options;
  const runs = new Map<string, RunEvents>();

  let isDraining = false;

  const onText = (frame: AgentFrame): void => {
    switch (frame.type) {
      case 'hello':
        return;
      case 'journal':
        return options.onJournal(frame.runs);
      case 'accepted':
      case 'started':
        log.debug({ sessionId: frame.sessionId }, `run ${frame.type}`);
        return runs.get(frame.sessionId)?.onTaken(frame.nonce);
      case 'order_refused':
        log.warn({ sessionId: frame.sessionId, code: frame.code }, 'the agent refused an order');
        return runs.get(frame.sessionId)?.onRefused(frame);
      case 'exited':
        if (!runs.has(frame.sessionId)) return options.onStrayExit(frame.sessionId);
        return runs.get(frame.sessionId)?.onExited(frame);
      case 'input_ack':
        // as with output: of sessions that run on this line only
        if (runs.has(frame.sessionId)) options.onInputTaken(frame.sessionId, frame.client, frame.offset);
        return;
      case 'draining':
        if (!isDraining) options.onDraining();
        isDraining = true;
        return;
    }
  };
  socket.on('message', (data: RawData, isBinary: boolean) => {
    try {
      if (isBinary) {
        const chunk = decodeSessionOutput(data as Buffer);
        if (chunk.data.length > outputFrameBytes) throw new RangeError('output frame too long');
        // frames of sessions that do not run on this line are not taken
        if (chunk.data.length > 0) runs.get(chunk.sessionId)?.onOutput(chunk);
      } else {
        onText(agentFrame.parse(JSON.parse(String(data))));
      }
    } catch (error) {
      log.warn({ agent: agent.agentName, err: error }, 'the agent sent a frame that cannot be read');
      socket.close(1002, 'unreadable frame');
    }
  });
  let isBroken = false;
  const breakRuns = (): void => {
    isBroken = true;
    for (const events of [...runs.values()]) events.onBroken();
    runs.clear();
  };
  socket.on('close', () => {
    options.onClose();
    breakRuns();
  });

  const transmit = (frame: string | Buffer): void => {
    // it takes nothing off the line, and what is sent to it would only grow here
    if (socket.bufferedAmount > bufferedBytes) socket.terminate();
    else socket.send(frame);
  };
  const send = (frame: GatewayFrame): void => transmit(JSON.stringify(frame));
  return {
    agent,
    send,
    sendOrder(sessionId, { order, signature, fromOffset }) {
      send({ type: 'order', order, signature, fromOffset });
      log.debug({ sessionId }, 'order sent');
    },
    attach(sessionId, events) {
      const earlier = runs.get(sessionId);
      if (isBroken) queueMicrotask(() => events.onBroken());
      else runs.set(sessionId, events);
      earlier?.onReplaced();
      return () => {
        if (runs.get(sessionId) === events) runs.delete(sessionId);
      };
    },
    has: (sessionId) => runs.has(sessionId),
    load: () => runs.size,
    isDraining: () => isDraining,
    roundTripMs: () => options.kept.roundTripMs(),
    input: (sessionId, frame) => transmit(encodeSessionInput(sessionId, frame)),
    close() {
      breakRuns(); // the other end may be gone and never answer
      socket.close(1012, 'gateway stops');
    },
    cut() {
      breakRuns();
      socket.terminate();
    },
  };
}
