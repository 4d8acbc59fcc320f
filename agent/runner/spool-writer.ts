/** Appends the records of one session to its spool file, in order, with bounded memory. */
import { closeSync, constants, fdatasync, ftruncateSync, openSync, write, writevSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RecordedStream } from '#shared/output-frame.ts';
import { encodeExit, recordHeader, type ExitRecord } from '../spool.ts';
import type { DiskReserve } from './disk-reserve.ts';
import { RecordBuffer } from './record-buffer.ts';

export interface SpoolWriter {
  /** Bytes of the file that hold whole records, and the recorded bytes in them. */
  written(): { spoolBytes: number; outputBytes: number };
  /** False when the caller should pause until `onRoom`. `data` may be used again afterwards. */
  append(stream: RecordedStream, data: Buffer): boolean;
  /** Writes the exit record behind everything appended; resolves once it can be read, and syncs after that. */
  finish(exit: ExitRecord): Promise<void>;
}

export interface SpoolWriterEvents {
  /** More can be read. */
  onWritten(): void;
  /** What was appended is on its way; go on. */
  onRoom(): void;
  /** The disk takes no more: what is appended from now on is dropped. */
  onFailure(error: Error): void;
}

/** Bytes that may wait, beside as many on their way to the disk, before the command is made to wait. */
const maxWaiting = 1024 * 1024;
const retryMs = 1_000;

/** Output this small is written on the spot when nothing waits: it is there a thread's turn earlier. */
const smallBytes = 16 * 1024;

/**
 * Records carry the time since `startedAt` (of `performance.now`). Throws EEXIST when the session has a spool: it has
 * been started before, by this runner or another.
 */
export function createSpoolWriter(
  path: string,
  events: SpoolWriterEvents,
  startedAt = performance.now(),
  reserve?: DiskReserve,
): SpoolWriter {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  let position = 0;
  let outputBytes = 0;
  let appended = 0;
  let waiting = new RecordBuffer();
  let spare = new RecordBuffer();
  let isFull = false;
  let failed = false;
  let pumping: Promise<void> | undefined;

  async function pump(): Promise<void> {
    while (waiting.dataBytes > 0 && !failed) {
      const records = waiting;
      waiting = spare;
      makeRoom(); // the command goes on while these are written
      try {
        await writeAll(file, records.records, position);
        wrote(records.records.length, records.dataBytes);
      } catch (error) {
        fail(error);
      }
      records.clear();
      spare = records;
    }
    pumping = undefined;
    waiting.rest();
    spare.rest();
    makeRoom();
  }

  function makeRoom(): void {
    if (!isFull) return;
    isFull = false;
    events.onRoom();
  }

  function writeNow(header: Buffer, data: Buffer): void {
    try {
      const written = writevSync(file, [header, data], position);
      if (written < header.length + data.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      wrote(written, data.length);
    } catch (error) {
      fail(error);
    }
  }

  function wrote(bytes: number, output: number): void {
    position += bytes;
    outputBytes += output;
    events.onWritten();
  }

  function fail(error: unknown): void {
    failed = true;
    events.onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  async function writeExit(exit: ExitRecord): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (failed) ftruncateSync(file, position); // half a record, and room for this one
        const record = encodeExit(exit, outputBytes);
        await writeAll(file, record, position);
        position += record.length;
        return;
      } catch {
        failed = true;
        reserve?.give();
        if (attempt > 0) await delay(retryMs); // without this record the run would count as lost
      }
    }
  }

  return {
    written: () => ({ spoolBytes: position, outputBytes }),
    append(stream, data) {
      if (failed) return true;
      const header = recordHeader(stream, appended, data.length, performance.now() - startedAt);
      appended += data.length;
      if (pumping === undefined && data.length <= smallBytes) {
        writeNow(header, data);
        return true;
      }
      waiting.add(header, data);
      pumping ??= Promise.resolve().then(pump);
      if (waiting.dataBytes > maxWaiting) isFull = true;
      return !isFull;
    },
    async finish(exit) {
      await pumping;
      await writeExit(exit);
      events.onWritten();
      // nobody waits for the sync: until it is done only a crash of the machine could take the record away
      await sync(file).catch(() => undefined);
      closeSync(file);
    },
  };
}

const sync = promisify(fdatasync);
const writeAt = promisify(write);

async function writeAll(file: number, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await writeAt(file, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
