/**
 * What is typed into a terminal, on the wire. From a client to the gateway: 16 bytes client id, 8 bytes offset, data.
 * From the gateway to the agent the same after the 16 bytes of the session id. A client numbers its bytes from 0 and
 * keeps them until they are acknowledged; after a broken line it sends again from there, and the runner passes over
 * what it has.
 */
import { readId, writeId } from './output-frame.ts';

export interface InputChunk<Bytes extends Uint8Array = Buffer> {
  /** UUID that the client makes for itself. */
  client: string;
  /** Bytes of this client before this chunk. */
  offset: number;
  data: Bytes;
}

/** Largest data of one frame. */
export const inputFrameBytes = 32 * 1024;
/** Bytes a client may have sent and not yet seen acknowledged. */
export const inputWindowBytes = 256 * 1024;

const idLength = 16;
const headerLength = idLength + 8;

/** Also in browsers. */
export function encodeInput({ client, offset, data }: InputChunk<Uint8Array>): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(headerLength + data.length);
  writeId(frame, client);
  new DataView(frame.buffer).setBigUint64(idLength, BigInt(offset));
  frame.set(data, headerLength);
  return frame;
}

/** Throws `RangeError` on a frame that is too short or too long. */
export function decodeInput(frame: Buffer): InputChunk {
  if (frame.length < headerLength) throw new RangeError('input frame too short');
  if (frame.length > headerLength + inputFrameBytes) throw new RangeError('input frame too long');
  return {
    client: readId(frame),
    offset: Number(frame.readBigUInt64BE(idLength)),
    data: frame.subarray(headerLength),
  };
}

/** `frame`: as `encodeInput` gives it. */
export function encodeSessionInput(sessionId: string, frame: Uint8Array): Buffer {
  const id = Buffer.allocUnsafe(idLength);
  writeId(id, sessionId);
  return Buffer.concat([id, frame]);
}

export function decodeSessionInput(frame: Buffer): InputChunk & { sessionId: string } {
  if (frame.length < idLength) throw new RangeError('input frame too short');
  return { sessionId: readId(frame), ...decodeInput(frame.subarray(idLength)) };
}
