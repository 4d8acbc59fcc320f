/** An agent's line as `execute` needs it; the gateway's relay implements it. */
import type { ExitedFrame } from '#shared/agent-protocol.ts';
import type { AgentHold, SignedOrder } from './consume-run.ts';

export interface RunSignals {
  /** An abort ends the command; the run is waited for all the same. */
  stop: AbortSignal;
  /** An abort lets go of the run, which goes on at the agent. */
  abandon: AbortSignal;
}

/** The agent is being stopped: it did not take the order, and never will. */
export class HandedBack extends Error {
  override readonly name = 'HandedBack';
}

export interface AgentLine extends AgentHold {
  /**
   * Sends the order and resolves with the agent's report of the end, once all output before it is stored. Rejects
   * when the line breaks, with `HandedBack` when the order is to go to another instance.
   */
  run(sessionId: string, order: SignedOrder, signals: RunSignals): Promise<ExitedFrame>;
  forget(sessionId: string): void;
  /** No run is put on it after all. */
  unused(): void;
}
