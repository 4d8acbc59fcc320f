/**
 * The spool of one session: its output in arrival order, and how it ended. The runner appends records, the agent reads
 * them. A record is 1 byte kind, 8 bytes offset, 4 bytes length (big-endian), data; offsets count the bytes of both
 * streams together.
 */
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { exitReasons } from '#shared/agent-protocol.ts';
import type { OutputChunk, OutputStream } from '#shared/output-frame.ts';

export const exitRecordSchema = z.object({
  reason: z.enum(exitReasons),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  durationMs: z.number().nonnegative(),
  message: z.string(),
});
export type ExitRecord = z.infer<typeof exitRecordSchema>;

const headerBytes = 13;
const exitKind = 0;
const kinds: Readonly<Record<OutputStream, number>> = { stdout: 1, stderr: 2 };

export function outputHeader(stream: OutputStream, offset: number, length: number): Buffer {
  return header(kinds[stream], offset, length);
}

export function encodeExit(exit: ExitRecord, offset: number): Buffer {
  const data = Buffer.from(JSON.stringify(exit));
  return Buffer.concat([header(exitKind, offset, data.length), data]);
}

function header(kind: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes);
  bytes.writeUInt8(kind, 0);
  bytes.writeBigUInt64BE(BigInt(offset), 1);
  bytes.writeUInt32BE(length, 9);
  return bytes;
}

export type SpoolItem = { kind: 'output'; chunk: OutputChunk } | { kind: 'exit'; exit: ExitRecord };

export interface SpoolReader {
  /** Output bytes read or skipped so far. */
  offset(): number;
  /**
   * The next output of one stream, at most `maxBytes` of it, or the end; null when nothing more lies below `limit` (the
   * bytes of the file that hold whole records).
   */
  next(limit: number, maxBytes: number): Promise<SpoolItem | null>;
  close(): Promise<void>;
}

const readBytes = 256 * 1024;

/** Reads from output byte `fromOffset` on. Throws ENOENT when there is no spool. */
export async function openSpool(path: string, fromOffset = 0): Promise<SpoolReader> {
  const file = await open(path, 'r');
  const buffer = Buffer.allocUnsafe(readBytes);
  let ready = buffer.subarray(0, 0); // read from the file and not yet used
  let position = 0; // of the file, behind `ready`
  let record = { kind: exitKind, offset: 0, left: 0 };

  /** Makes `ready` hold at least `wanted` bytes if the file has them below `limit`. */
  async function fill(limit: number, wanted: number): Promise<boolean> {
    if (ready.length >= wanted) return true;
    ready.copy(buffer, 0);
    let length = ready.length;
    while (length < wanted && position < limit) {
      const room = Math.min(buffer.length - length, limit - position);
      const { bytesRead } = await file.read(buffer, length, room, position);
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
    record = { kind: ready.readUInt8(0), offset: Number(ready.readBigUInt64BE(1)), left: ready.readUInt32BE(9) };
    take(headerBytes);
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
    async next(limit, maxBytes) {
      for (;;) {
        if (!(await openRecord(limit))) return null;
        if (record.kind === exitKind) return readExit(limit);
        skip();
        if (record.left === 0) continue;
        if (ready.length === 0 && !(await fill(limit, 1))) return null;
        const { kind, offset } = record;
        const parts: Buffer[] = [];
        let length = 0;
        // small records of one stream travel together, as far as they have been read anyway
        while (length < maxBytes && record.kind === kind) {
          const part = take(Math.min(record.left, maxBytes - length, ready.length));
          parts.push(part);
          length += part.length;
          record = { ...record, offset: record.offset + part.length, left: record.left - part.length };
          if (record.left > 0 || ready.length < headerBytes) break;
          if (ready.readUInt8(0) !== kind) break;
          await openRecord(limit);
        }
        return {
          kind: 'output',
          chunk: { stream: kind === kinds.stdout ? 'stdout' : 'stderr', offset, data: Buffer.concat(parts) },
        };
      }
    },
    close: () => file.close(),
  };
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
      const left = Math.min(bytes.readUInt32BE(9), size - at - headerBytes);
      if (bytes.readUInt8(0) === exitKind) {
        return { spoolBytes: size, outputBytes, ended: left === bytes.readUInt32BE(9) };
      }
      outputBytes = Number(bytes.readBigUInt64BE(1)) + left;
      at += headerBytes + left;
    }
    return { spoolBytes: size, outputBytes, ended: false };
  } finally {
    await file.close();
  }
}
