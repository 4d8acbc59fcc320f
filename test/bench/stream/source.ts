/**
 * What commands write here: a file of random bytes, over and over, from the page cache. Nothing on the way can make it
 * smaller, it costs its command next to nothing, and who takes it can compare every byte without hashing.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Source {
  bytes: number;
  /** For a POSIX shell: writes `bytes` bytes to its standard output. */
  script: string;
  /** What it writes from `from` on, at most to the end of the random bytes. */
  at(from: number): Buffer;
}

/** Coprime to sizes of buffers, rows and frames: what is shifted by one of them is noticed. */
const blockBytes = 16 * 1024 ** 2 - 3;

export async function createSource(folder: string, bytes: number): Promise<Source> {
  const block = randomBytes(Math.min(blockBytes, bytes));
  const path = join(folder, 'random-bytes');
  await writeFile(path, block);
  return {
    bytes,
    script: `while cat '${path}'; do :; done | head -c ${bytes}`,
    at: (from) => block.subarray(from % block.length),
  };
}

/** Takes the bytes in order; throws at the first that is not what the source wrote. */
export class Checker {
  count = 0;
  private readonly source: Source;

  constructor(source: Source) {
    this.source = source;
  }

  take(data: Buffer): void {
    for (let done = 0; done < data.length;) {
      const wanted = this.source.at(this.count);
      const length = Math.min(wanted.length, data.length - done);
      if (wanted.compare(data, done, done + length, 0, length) !== 0) {
        throw new Error(`what came from byte ${this.count} on is not what the command wrote`);
      }
      done += length;
      this.count += length;
    }
  }

  end(): void {
    if (this.count !== this.source.bytes) throw new Error(`${this.count} of ${this.source.bytes} bytes came`);
  }
}
