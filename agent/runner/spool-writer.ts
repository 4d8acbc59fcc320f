/** Appends the records of one session to its spool file, in order, with bounded memory. */
import { closeSync, constants, openSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { OutputStream } from '#shared/output-frame.ts';
import { encodeExit, outputHeader, type ExitRecord } from '../spool.ts';

export interface SpoolWriter {
  /** Bytes of the file that hold whole records, and the output bytes in them. */
  written(): { spoolBytes: number; outputBytes: number };
  /** False when the caller should pause until `onRoom`. */
  append(stream: OutputStream, data: Buffer): boolean;
  /** Writes the exit record behind everything appended; resolves once it can be read, and syncs after that. */
  finish(exit: ExitRecord): Promise<void>;
}

export interface SpoolWriterEvents {
  /** More can be read. */
  onWritten(): void;
  /** What was appended is written; go on. */
  onRoom(): void;
  /** The disk takes no more: what is appended from now on is dropped. */
  onFailure(error: Error): void;
}

/** Bytes that may wait for the disk before the command is made to wait. */
const maxWaiting = 1024 * 1024;
const retryMs = 1_000;

/** Throws EEXIST when the session has a spool: it has been started before, by this runner or another. */
export function createSpoolWriter(path: string, events: SpoolWriterEvents): SpoolWriter {
  closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
  const opened = open(path, 'r+');
  opened.catch(() => undefined); // the first write reports it
  let position = 0;
  let outputBytes = 0;
  let appended = 0;
  let waiting: { header: Buffer; data: Buffer }[] = [];
  let waitingBytes = 0;
  let isFull = false;
  let failed = false;
  let pumping: Promise<void> = Promise.resolve();

  async function pump(): Promise<void> {
    while (waiting.length > 0 && !failed) {
      const records = waiting;
      waiting = [];
      const length = waitingBytes;
      waitingBytes = 0;
      try {
        await writeAll(await opened, Buffer.concat(records.flatMap(({ header, data }) => [header, data])), position);
      } catch (error) {
        failed = true;
        events.onFailure(error instanceof Error ? error : new Error(String(error)));
        break;
      }
      for (const { header, data } of records) position += header.length + data.length;
      outputBytes += length;
      events.onWritten();
    }
    if (isFull) {
      isFull = false;
      events.onRoom();
    }
  }

  async function writeExit(exit: ExitRecord): Promise<void> {
    for (;;) {
      try {
        const file = await opened;
        if (failed) await file.truncate(position); // half a record, and room for this one
        const record = encodeExit(exit, outputBytes);
        await writeAll(file, record, position);
        position += record.length;
        return;
      } catch {
        failed = true;
        await delay(retryMs); // without this record the run would count as lost
      }
    }
  }

  return {
    written: () => ({ spoolBytes: position, outputBytes }),
    append(stream, data) {
      if (failed) return true;
      waiting.push({ header: outputHeader(stream, appended, data.length), data });
      appended += data.length;
      waitingBytes += data.length;
      if (waiting.length === 1) pumping = pumping.then(pump);
      if (waitingBytes > maxWaiting) isFull = true;
      return !isFull;
    },
    async finish(exit) {
      await pumping;
      await writeExit(exit);
      events.onWritten();
      // nobody waits for the sync: until it is done only a crash of the machine could take the record away
      const file = await opened;
      await file.datasync().catch(() => undefined);
      await file.close();
    },
  };
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
