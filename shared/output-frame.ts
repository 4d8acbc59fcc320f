/**
 * Output on the wire. Between gateway and CLI: 1 byte stream, 8 bytes offset, data. Between agent and gateway the same,
 * after the 16 bytes of the session id. Numbers are big-endian; offsets count the bytes of both streams together.
 */
export type OutputStream = 'stdout' | 'stderr';

export interface OutputChunk {
  stream: OutputStream;
  /** Bytes of both streams before this chunk. */
  offset: number;
  data: Buffer;
}

const headerLength = 9;
const idLength = 16;

export function encodeOutput(chunk: OutputChunk): Buffer {
  const frame = Buffer.allocUnsafe(headerLength + chunk.data.length);
  writeHeader(frame, 0, chunk);
  chunk.data.copy(frame, headerLength);
  return frame;
}

/** Throws `RangeError` on a frame that is too short or names no stream. */
export function decodeOutput(frame: Buffer): OutputChunk {
  return readChunk(frame, 0);
}

export function encodeSessionOutput(sessionId: string, chunk: OutputChunk): Buffer {
  const frame = Buffer.allocUnsafe(idLength + headerLength + chunk.data.length);
  frame.write(sessionId.replaceAll('-', ''), 0, idLength, 'hex');
  writeHeader(frame, idLength, chunk);
  chunk.data.copy(frame, idLength + headerLength);
  return frame;
}

export function decodeSessionOutput(frame: Buffer): OutputChunk & { sessionId: string } {
  if (frame.length < idLength + headerLength) throw new RangeError('output frame too short');
  const hex = frame.toString('hex', 0, idLength);
  const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { sessionId, ...readChunk(frame, idLength) };
}

function writeHeader(frame: Buffer, at: number, chunk: OutputChunk): void {
  frame.writeUInt8(chunk.stream === 'stdout' ? 1 : 2, at);
  frame.writeBigUInt64BE(BigInt(chunk.offset), at + 1);
}

function readChunk(frame: Buffer, at: number): OutputChunk {
  if (frame.length < at + headerLength) throw new RangeError('output frame too short');
  const code = frame.readUInt8(at);
  if (code !== 1 && code !== 2) throw new RangeError(`output frame names stream ${code}`);
  return {
    stream: code === 1 ? 'stdout' : 'stderr',
    offset: Number(frame.readBigUInt64BE(at + 1)),
    data: frame.subarray(at + headerLength),
  };
}
