import { closeSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const tailBytes = 8_192;

/** The log files of one run: `<name>.log`, and the one of the run before as `<name>.log.1`. */
export class Logs {
  private readonly files = new Map<string, number>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** A descriptor to hand to the process: it writes by itself, also when the supervisor is gone. */
  openFor(name: string): number {
    const known = this.files.get(name);
    if (known !== undefined) return known;
    try {
      renameSync(this.pathOf(name), `${this.pathOf(name)}.1`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const file = openSync(this.pathOf(name), 'a', 0o600);
    this.files.set(name, file);
    return file;
  }

  pathOf(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  /** The last `count` lines, as a person reads them. */
  async lastLines(name: string, count: number): Promise<string[]> {
    const file = await open(this.pathOf(name)).catch(() => undefined);
    if (!file) return [];
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, start);
      const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
      return lines
        .filter((line) => line.trim() !== '')
        .slice(-count)
        .map(readable);
    } finally {
      await file.close();
    }
  }

  close(): void {
    for (const file of this.files.values()) closeSync(file);
    this.files.clear();
  }
}

/** Our own processes log JSON; of that the message and the error matter here. */
function readable(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter((part) => part && part !== '').join(': ') || line;
  } catch {
    return line;
  }
}
