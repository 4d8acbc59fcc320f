/**
 * Pipes for the output of commands. Node gives children sockets as their standard streams, and those cannot be opened
 * again by name: `echo x > /dev/stderr` fails on them. Named pipes, unlinked as soon as they are open, behave as in any
 * shell. `mkfifo` takes a process each time, so some are always kept ready.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorText } from '../files.ts';

export interface PipeEnds {
  read: number;
  write: number;
}

export interface PipePool {
  /** A pipe of its own; both ends are file descriptors, the caller closes them. */
  take(): Promise<PipeEnds>;
  close(): void;
}

const makeAtOnce = 24;
const keepReady = 12;

export function createPipePool(directory: string): PipePool {
  let ready: string[] = [];
  let making: Promise<void> | undefined;

  function refill(): Promise<void> {
    making ??= make().finally(() => (making = undefined));
    return making;
  }

  async function make(): Promise<void> {
    const paths = Array.from({ length: makeAtOnce }, () => join(directory, `${randomUUID().slice(0, 8)}.pipe`));
    try {
      await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
    } catch (cause) {
      // not to be taken for the command's own ENOENT
      throw new Error(`no pipes could be made on the agent's machine (${errorText(cause)})`, { cause });
    }
    ready.push(...paths);
  }

  refill().catch(() => undefined); // whoever takes one tries again and hears why not

  return {
    async take() {
      while (ready.length === 0) await refill();
      const path = ready.pop() ?? '';
      if (ready.length < keepReady) refill().catch(() => undefined);
      return openEnds(path);
    },
    close() {
      for (const path of ready) rmSync(path, { force: true });
      ready = [];
    },
  };
}

/** The first end is open for both, because opening one side alone waits for the other. */
function openEnds(path: string): PipeEnds {
  const both = openSync(path, constants.O_RDWR);
  try {
    return { read: openSync(path, constants.O_RDONLY), write: openSync(path, constants.O_WRONLY) };
  } finally {
    closeSync(both);
    unlinkSync(path);
  }
}
