/**
 * Pseudo terminals. Of node-pty only the native part is used: its own write waits in a busy loop for a program that
 * does not read, and its own fork hands the terminals of others down to the command. See
 * docs/decisions/2026-11-23-terminals-on-node-pty.md.
 */
import type { StdioOptions } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { TerminalSize } from '#shared/terminal.ts';
import { isErrno } from '../files.ts';

export interface Pty {
  /** The program's side, e.g. `/dev/pts/3`. */
  path: string;
  /** The program's side, open until `started`. */
  slave: number;
  /** A file descriptor of this side; undefined once it is closed. */
  master(): number | undefined;
  /** What the program writes. Ends, or fails with EIO, once nobody has the program's side open. */
  output: Output;
  /** What is there to be read, at the latest when `output` ends: libuv takes a hang-up for the end of the data. */
  rest(): Buffer;
  /** How many bytes the terminal took: 0 when it is full, or closed. */
  write(bytes: Buffer): number;
  resize(size: TerminalSize): void;
  /** Closes the program's side here, so that its end can be seen. */
  started(): void;
  close(): void;
}

/** The terminal stays open until `beforeClose` is done. */
export class Output extends ReadStream {
  /** To be done while the settings of the terminal can still be read. */
  beforeClose: () => Promise<unknown> = () => Promise.resolve();

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.beforeClose().finally(() => super._destroy(error, callback));
  }
}

export interface Ptys {
  /** Rejects where there are no prebuilt binaries for this machine. */
  open(size: TerminalSize): Promise<Pty>;
  /** `stdio` of a child that gets none of the terminals of others: the kernel would pass them on. */
  keepFrom(stdio: (number | 'pipe' | 'ignore')[]): Exclude<StdioOptions, string>;
}

/** More than the kernel gives at once. */
const readBytes = 8 * 1024;

export function createPtys(): Ptys {
  /** Open here without close-on-exec, which node cannot set. */
  const inheritable = new Set<number>();
  let nothing: number | undefined;

  return {
    async open(size) {
      const { requireBinary } = await import('@lydell/node-pty/requireBinary.js');
      const native = requireBinary('pty.node');
      const { master, slave, pty: path } = native.open(size.columns, size.rows);
      inheritable.add(master).add(slave);
      const output = new Output(master);
      let isOpen = true;
      output.once('close', () => {
        isOpen = false;
        inheritable.delete(master);
      });
      let hasStarted = false;
      const started = () => {
        if (hasStarted) return;
        hasStarted = true;
        closeSync(slave);
        inheritable.delete(slave);
      };
      return {
        path,
        slave,
        output,
        rest: () => (isOpen ? readRest(master) : Buffer.alloc(0)),
        master: () => (isOpen ? master : undefined),
        write: (bytes) => (isOpen ? writeSome(master, bytes) : 0),
        resize({ columns, rows }) {
          if (isOpen) native.resize(master, columns, rows);
        },
        started,
        close() {
          started();
          output.destroy();
        },
      };
    },
    keepFrom(stdio) {
      const all: Exclude<StdioOptions, string> = [...stdio];
      for (const fd of inheritable) {
        if (fd < stdio.length) continue;
        while (all.length <= fd) all.push('ignore'); // is left as it is
        all[fd] = nothing ??= openSync('/dev/null', 'r+');
      }
      return all;
    },
  };
}

function readRest(master: number): Buffer {
  const parts: Buffer[] = [];
  try {
    for (;;) {
      const bytes = Buffer.allocUnsafe(readBytes);
      const length = readSync(master, bytes);
      if (length === 0) break;
      parts.push(bytes.subarray(0, length));
    }
  } catch (error) {
    if (!isErrno(error, 'EIO') && !isErrno(error, 'EAGAIN')) throw error;
  }
  return Buffer.concat(parts);
}

function writeSome(master: number, bytes: Buffer): number {
  try {
    return writeSync(master, bytes);
  } catch (error) {
    if (isErrno(error, 'EAGAIN') || isErrno(error, 'EIO')) return 0; // full, or nobody is left to read it
    throw error;
  }
}
