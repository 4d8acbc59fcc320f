/**
 * The spool of one session: what it recorded in arrival order, and how it ended. The runner appends records, the agent
 * reads them. A record is 1 byte kind, 8 bytes offset, 4 bytes length, with the bit `timed` in its kind 4 bytes of
 * milliseconds since the start (all big-endian), data. Offsets count the bytes of all streams together. Runners of
 * protocol 1 wrote no times.
 */
import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { exitReasons } from '#shared/agent-protocol.ts';
import { latestAt, streamCodes, streamOfCode, type OutputChunk, type RecordedStream } from '#shared/output-frame.ts';

export const exitRecordSchema = z.object({
  reason: z.enum(exitReasons),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  durationMs: z.number().nonnegative(),
  message: z.string(),
});
export type ExitRecord = z.infer<typeof exitRecordSchema>;

const headerBytes = 13;
const timed = 0x10;
const timedHeaderBytes = headerBytes + 4;
const exitKind = 0;

/** `at`: milliseconds since the command began; those beyond `latestAt` are noted as that. */
export function recordHeader(stream: RecordedStream, offset: number, length: number, at: number): Buffer {
  const bytes = Buffer.allocUnsafe(timedHeaderBytes);
  writeHeader(bytes, streamCodes[stream] | timed, offset, length);
  bytes.writeUInt32BE(Math.min(Math.round(at), latestAt), headerBytes);
  return bytes;
}

export function encodeExit(exit: ExitRecord, offset: number): Buffer {
  const data = Buffer.from(JSON.stringify(exit));
  const header = Buffer.allocUnsafe(headerBytes);
  writeHeader(header, exitKind, offset, data.length);
  return Buffer.concat([header, data]);
}

function writeHeader(bytes: Buffer, kind: number, offset: number, length: number): void {
  bytes.writeUInt8(kind, 0);
  bytes.writeBigUInt64BE(BigInt(offset), 1);
  bytes.writeUInt32BE(length, 9);
}

function headerLength(kind: number): number {
  return (kind & timed) === 0 ? headerBytes : timedHeaderBytes;
}

export type SpoolItem = { kind: 'output'; chunk: OutputChunk } | { kind: 'exit'; exit: ExitRecord };

export interface SpoolReader {
  /** Recorded bytes read or skipped so far. */
  offset(): number;
  /**
   * The next of one stream, at most `maxBytes` of it, or the end; null when nothing more lies below `limit` (the bytes
   * of the file that hold whole records). With `into`, output is put there, from its start on, and not into memory of
   * its own.
   */
  next(limit: number, maxBytes: number, into?: Buffer): Promise<SpoolItem | null>;
  close(): Promise<void>;
}

const readBytes = 256 * 1024;
const smallBytes = 16 * 1024;
/** Records this close in time travel as one, with the time of the first. */
const joinedMs = 5;

/** Reads from output byte `fromOffset` on. Throws ENOENT when there is no spool. */
export async function openSpool(path: string, fromOffset = 0): Promise<SpoolReader> {
  const file = await open(path, 'r');
  const buffer = Buffer.allocUnsafe(readBytes);
  let ready = buffer.subarray(0, 0); // read from the file and not yet used
  let position = 0; // of the file, behind `ready`
  let record: SpoolRecord = { kind: exitKind, offset: 0, left: 0, at: undefined };

  /** Makes `ready` hold at least `wanted` bytes if the file has them below `limit`. */
  async function fill(limit: number, wanted: number): Promise<boolean> {
    if (ready.length >= wanted) return true;
    ready.copy(buffer, 0);
    let length = ready.length;
    while (length < wanted && position < limit) {
      const room = Math.min(buffer.length - length, limit - position);
      // what a command has just written is in memory: a thread that fetches it would take longer than the copy
      const bytesRead =
        room <= smallBytes
          ? readSync(file.fd, buffer, length, room, position)
          : (await file.read(buffer, length, room, position)).bytesRead;
      if (bytesRead === 0) break;
      length += bytesRead;
      position += bytesRead;
    }
    ready = buffer.subarray(0, length);
    return length >= wanted;
  }

  function take(length: number): Buffer {
    const taken = ready.subarray(0, length);
    ready = ready.subarray(length);
    return taken;
  }

  /** False when no further record lies below `limit`. */
  async function openRecord(limit: number): Promise<boolean> {
    if (record.left > 0) return true;
    if (!(await fill(limit, headerBytes))) return false;
    if (!(await fill(limit, headerLength(ready.readUInt8(0))))) return false;
    record = readHeader(ready);
    take(headerLength(record.kind));
    return true;
  }

  /** Passes over output below `fromOffset`, without reading what lies wholly below it. */
  function skip(): void {
    const passed = Math.min(record.left, Math.max(0, fromOffset - record.offset));
    const buffered = Math.min(passed, ready.length);
    take(buffered);
    position += passed - buffered;
    record = { ...record, offset: record.offset + passed, left: record.left - passed };
  }

  async function readExit(limit: number): Promise<SpoolItem | null> {
    if (!(await fill(limit, record.left))) return null;
    return { kind: 'exit', exit: exitRecordSchema.parse(JSON.parse(take(record.left).toString('utf8'))) };
  }

  return {
    offset: () => record.offset,
    async next(limit, maxBytes, into) {
      for (;;) {
        if (!(await openRecord(limit))) return null;
        if (record.kind === exitKind) return readExit(limit);
        skip();
        if (record.left === 0) continue;
        if (ready.length === 0 && !(await fill(limit, 1))) return null;
        const { kind, offset, at } = record;
        const data = into ?? Buffer.allocUnsafe(Math.min(maxBytes, ready.length));
        let length = 0;
        // small records of one stream and moment travel together, as far as they have been read anyway
        while (length < maxBytes && record.kind === kind) {
          const part = take(Math.min(record.left, maxBytes - length, ready.length));
          part.copy(data, length);
          length += part.length;
          record = { ...record, offset: record.offset + part.length, left: record.left - part.length };
          if (record.left > 0 || ready.length < headerLength(kind)) break;
          if (ready.readUInt8(0) !== kind || !belongTogether(kind, readHeader(ready), at)) break;
          await openRecord(limit);
        }
        const stream = streamOfCode(kind & ~timed);
        return {
          kind: 'output',
          chunk: { stream, offset, data: data.subarray(0, length), ...(at !== undefined && { at }) },
        };
      }
    },
    close: () => file.close(),
  };
}

interface SpoolRecord {
  kind: number;
  offset: number;
  /** Bytes of its data that have not been taken. */
  left: number;
  at: number | undefined;
}

/** `bytes` hold all of the header. */
function readHeader(bytes: Buffer): SpoolRecord {
  const kind = bytes.readUInt8(0);
  return {
    kind,
    offset: Number(bytes.readBigUInt64BE(1)),
    left: bytes.readUInt32BE(9),
    at: (kind & timed) === 0 ? undefined : bytes.readUInt32BE(headerBytes),
  };
}

function belongTogether(kind: number, next: SpoolRecord, at = 0): boolean {
  if ((kind & ~timed) === streamCodes.resize) return false; // each of them is one size
  return (next.at ?? at) - at <= joinedMs;
}

export interface SpoolSummary {
  spoolBytes: number;
  outputBytes: number;
  ended: boolean;
}

/** What a spool holds whose runner is gone; null when there is none. Half a record at the end counts as far as it goes. */
export async function inspectSpool(path: string): Promise<SpoolSummary | null> {
  let file;
  try {
    file = await open(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(headerBytes);
    let outputBytes = 0;
    for (let at = 0; at + headerBytes <= size;) {
      await file.read(bytes, 0, headerBytes, at);
      const kind = bytes.readUInt8(0);
      const dataAt = at + headerLength(kind);
      const left = Math.max(0, Math.min(bytes.readUInt32BE(9), size - dataAt));
      if (kind === exitKind) {
        return { spoolBytes: size, outputBytes, ended: left === bytes.readUInt32BE(9) };
      }
      outputBytes = Number(bytes.readBigUInt64BE(1)) + left;
      at = dataAt + left;
    }
    return { spoolBytes: size, outputBytes, ended: false };
  } finally {
    await file.close();
  }
}
