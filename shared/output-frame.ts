/**
 * What a session records, on the wire. Between gateway and CLI: 1 byte stream, 8 bytes offset, data. Between agent and
 * gateway the same after the 16 bytes of the session id. With the bit `timed` in the first byte, 4 bytes of milliseconds
 * stand before the data. Numbers are big-endian; offsets count the bytes of all streams together.
 */

/** What the command wrote. */
export type OutputStream = 'stdout' | 'stderr';
/** Of a terminal also what was typed, and its size from then on (`COLUMNSxROWS` as text). */
export type RecordedStream = OutputStream | 'input' | 'resize';

export interface OutputChunk<Bytes extends Uint8Array = Buffer> {
  stream: RecordedStream;
  /** Bytes of all streams before this chunk. */
  offset: number;
  data: Bytes;
  /** Milliseconds since the command began, by the agent's clock; undefined where nobody noted it. */
  at?: number | undefined;
}

/** The largest `at`, of 24.8 days: what comes later is noted as of then. Postgres takes no larger one. */
export const latestAt = 2 ** 31 - 1;

/** In frames, spool files and Postgres. */
export const streamCodes: Readonly<Record<RecordedStream, number>> = { stdout: 1, stderr: 2, input: 3, resize: 4 };
const streams: readonly (RecordedStream | undefined)[] = [undefined, 'stdout', 'stderr', 'input', 'resize'];

/** Throws `RangeError` on a code that names no stream. */
export function streamOfCode(code: number): RecordedStream {
  const stream = streams[code];
  if (stream === undefined) throw new RangeError(`no stream ${code} is known`);
  return stream;
}

/** Whether the command wrote it. */
export function isOutput<Chunk extends { stream: RecordedStream }>(
  chunk: Chunk,
): chunk is Chunk & { stream: OutputStream } {
  return chunk.stream === 'stdout' || chunk.stream === 'stderr';
}

const headerLength = 9;
const idLength = 16;
const timed = 0x10;
const timeLength = 4;

/** Of chunks as they came from an agent, or were encoded before: all who watch share one, as does what waits for them. */
const frames = new WeakMap<OutputChunk, Buffer>();

/** The frame is not to be changed, nor the chunk. */
export function encodeOutput(chunk: OutputChunk): Buffer {
  const frame = frames.get(chunk) ?? encode(chunk, 0);
  frames.set(chunk, frame);
  return frame;
}

/** Also in browsers. Throws `RangeError` on a frame that is too short or names no stream. */
export function decodeOutput<Bytes extends Uint8Array>(frame: Bytes): OutputChunk<Bytes> {
  return readChunk(frame, 0);
}

export function encodeSessionOutput(sessionId: string, chunk: OutputChunk): Buffer {
  const frame = encode(chunk, idLength);
  writeId(frame, sessionId);
  return frame;
}

/** The most that stands before the data of a frame of a session. */
export const sessionHeaderBytes = idLength + headerLength + timeLength;

/**
 * The same where the data stands already, `bytes` of them from `sessionHeaderBytes` of `buffer` on: gives the part of
 * `buffer` that is the frame.
 */
export function encodeSessionOutputIn(
  buffer: Buffer,
  sessionId: string,
  { bytes, ...chunk }: Omit<OutputChunk, 'data'> & { bytes: number },
): Buffer {
  const frame = buffer.subarray(sessionHeaderBytes - idLength - headerLengthOf(chunk.at), sessionHeaderBytes + bytes);
  writeId(frame, sessionId);
  writeHeader(frame, chunk, idLength);
  return frame;
}

export function decodeSessionOutput(frame: Buffer): OutputChunk & { sessionId: string } {
  if (frame.length < idLength + headerLength) throw new RangeError('output frame too short');
  const chunk = { sessionId: readId(frame), ...readChunk(frame, idLength) };
  frames.set(chunk, frame.subarray(idLength));
  return chunk;
}

/** Writes a UUID as its 16 bytes. */
export function writeId(frame: Uint8Array, id: string, at = 0): void {
  const hex = id.replaceAll('-', '');
  for (let byte = 0; byte < idLength; byte++) {
    frame[at + byte] = Number.parseInt(hex.slice(2 * byte, 2 * byte + 2), 16);
  }
}

export function readId(frame: Buffer, at = 0): string {
  const hex = frame.toString('hex', at, at + idLength);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function encode({ data, ...chunk }: OutputChunk, at: number): Buffer {
  const dataAt = at + headerLengthOf(chunk.at);
  const frame = Buffer.allocUnsafe(dataAt + data.length);
  writeHeader(frame, chunk, at);
  data.copy(frame, dataAt);
  return frame;
}

function headerLengthOf(ms: number | undefined): number {
  return headerLength + (ms === undefined ? 0 : timeLength);
}

function writeHeader(frame: Buffer, { stream, offset, at: ms }: Omit<OutputChunk, 'data'>, at: number): void {
  frame.writeUInt8(streamCodes[stream] | (ms === undefined ? 0 : timed), at);
  frame.writeBigUInt64BE(BigInt(offset), at + 1);
  if (ms !== undefined) frame.writeUInt32BE(ms, at + headerLength);
}

function readChunk<Bytes extends Uint8Array>(frame: Bytes, at: number): OutputChunk<Bytes> {
  if (frame.length < at + headerLength) throw new RangeError('output frame too short');
  const header = new DataView(frame.buffer, frame.byteOffset + at);
  const code = header.getUint8(0);
  const isTimed = (code & timed) !== 0;
  const dataAt = headerLength + (isTimed ? timeLength : 0);
  if (frame.length < at + dataAt) throw new RangeError('output frame too short');
  return {
    stream: streamOfCode(code & ~timed),
    offset: Number(header.getBigUint64(1)),
    data: frame.subarray(at + dataAt) as Bytes,
    ...(isTimed && { at: header.getUint32(headerLength) }),
  };
}
