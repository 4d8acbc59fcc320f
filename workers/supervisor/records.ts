import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { processMarkSchema } from '#agent/process-mark.ts';
import { endProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

const recordsSchema = z.record(z.string(), processMarkSchema);

/** What runs for this home, on disk: a supervisor that is killed leaves processes behind, which the next start ends. */
export class ProcessRecords {
  private readonly known = new Map<string, ProcessIdentity>();
  private saved: Promise<void> = Promise.resolve();

  constructor(private readonly path: string) {}

  note(name: string, identity: ProcessIdentity): void {
    this.known.set(name, identity);
    const text = JSON.stringify(Object.fromEntries(this.known), null, 2);
    this.saved = this.saved.then(async () => {
      await writeFile(`${this.path}.tmp`, text, { mode: 0o600 });
      await rename(`${this.path}.tmp`, this.path);
    });
  }

  async clear(): Promise<void> {
    await this.saved;
    await rm(this.path, { force: true });
  }

  /** Ends what the file names and still runs, of an earlier run or of this one; gives the names. */
  async endLeftovers(): Promise<string[]> {
    await this.saved;
    const left = Object.entries(await this.read()).filter(([, identity]) => isRunning(identity));
    // PostgreSQL takes SIGINT for "now, but in order"; with SIGTERM it would wait for its clients.
    await Promise.all(
      left.map(([name, identity]) => endProcess(identity, name === 'postgres' ? 'SIGINT' : 'SIGTERM', 4_000)),
    );
    return left.map(([name]) => name);
  }

  private async read(): Promise<Record<string, ProcessIdentity>> {
    try {
      return recordsSchema.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch {
      return {}; // No earlier run, or one that ended in order.
    }
  }
}
