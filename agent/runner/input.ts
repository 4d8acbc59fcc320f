/**
 * Standard input of a command: a file in memory, without a name. It can be opened again as `/dev/stdin` (a named pipe
 * whose writer is done would block there), and a shell reads its script in blocks and not byte by byte.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

/** Memory, never a disk: the script may hold secrets. */
const memoryDirectory = '/dev/shm';

/** A file descriptor to read `bytes` from, for the caller to close; null where there is no place in memory for them. */
export function openInput(bytes: Buffer): number | null {
  let writer: number | undefined;
  try {
    const path = join(memoryDirectory, `hoop-${randomUUID()}`);
    writer = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      const reader = openSync(path, constants.O_RDONLY);
      if (writeSync(writer, bytes) === bytes.length) return reader;
      closeSync(reader);
      return null;
    } finally {
      unlinkSync(path);
    }
  } catch {
    return null; // no such directory, or it is full: the input goes through a pipe then
  } finally {
    if (writer !== undefined) closeSync(writer);
  }
}

/** Writes standard input into a pipe and closes it. A command that does not read it is no error. */
export function feedInput(pipe: Writable, bytes: Buffer): void {
  pipe.on('error', () => pipe.destroy());
  pipe.end(bytes);
}
