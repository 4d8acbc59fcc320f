/** A welcomed connection to the gateway, as the sessions see it. */
import type { AgentFrame } from '#shared/agent-protocol.ts';

export interface GatewayLink {
  /** Does nothing on a line that is gone: the next connection starts from the journal. */
  send(frame: AgentFrame): void;
  /** Resolves once the frame has left for the network, or the line is gone. */
  sendOutput(frame: Buffer): Promise<void>;
  /** Resolves once the gateway has had everything sent so far, or after `withinMs`, or when the line is gone. */
  flushed(withinMs: number): Promise<void>;
}

export interface Welcome {
  agent: string;
  instanceId: string;
  /** SPKI DER, base64. */
  gatewayKey: string;
  epoch: number;
}
