/** Acknowledgements that wait until the agent has room for them: only the latest of each client. */
import type { FromRunner } from '../runner-protocol.ts';

export type InputAck = Extract<FromRunner, { type: 'input_ack' }>;

export interface InputAcks {
  note(ack: InputAck): void;
  /** Those that wait, for as long as `canTell`. */
  take(canTell: () => boolean): Generator<InputAck>;
  clear(): void;
}

export function createInputAcks(): InputAcks {
  const waiting = new Map<string, InputAck>();
  return {
    note: (ack) => void waiting.set(`${ack.sessionId} ${ack.client}`, ack),
    *take(canTell) {
      for (const [key, ack] of waiting) {
        if (!canTell()) return;
        waiting.delete(key);
        yield ack;
      }
    },
    clear: () => waiting.clear(),
  };
}
