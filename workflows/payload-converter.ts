/**
 * Payloads as usual, except that one which cannot be read becomes a marker. Whoever may write to Temporal can send a
 * signal with any bytes; thrown at, the workflow would try the same task for ever and hear no later decision.
 */
import { DefaultPayloadConverter, type Payload } from '@temporalio/common';

class TolerantPayloadConverter extends DefaultPayloadConverter {
  override fromPayload<T>(payload: Payload): T {
    try {
      return super.fromPayload<T>(payload);
    } catch {
      return { unreadable: true } as T;
    }
  }
}

export const payloadConverter = new TolerantPayloadConverter();
