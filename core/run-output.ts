/** Output on its way into Postgres: batched, a session at a time, in order. */
import { outputWindowBytes } from '#shared/agent-protocol.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import { notifyLoosely } from '#db/notices.ts';
import type { Database } from '#db/pool.ts';
import { whyRefused } from './failures.ts';
import { appendOutput, type OutputRow } from '#db/runs.ts';

export interface OutputWriter {
  /**
   * Takes the next chunk; what overlaps with what came before is cut. False: it leaves a gap, or is more than an agent
   * may send before it is acknowledged.
   */
  push(chunk: OutputChunk): boolean;
  /** Bytes below this were taken. */
  readonly next: number;
  /** Lets go of what is not on its way to Postgres yet: another attempt of the run takes it from the agent again. */
  close(): void;
  /** Resolves when everything pushed so far is in Postgres. */
  flushed(): Promise<void>;
}

export interface OutputWriterOptions {
  db: Database;
  sessionId: string;
  /** Bytes that are stored already. */
  from: number;
  /** Called for each chunk that is new, before it is stored: whoever watches live gets it at once. */
  onChunk: (chunk: OutputChunk) => void;
  /** Called when everything below `offset` is in Postgres, or was refused by it: the agent may forget it. */
  onStored: (offset: number) => void;
  /**
   * Postgres will not take output, as its disk is full: that from `offset` on is passed over, whatever still comes, so
   * that what is stored has no gap.
   */
  onRefused: (offset: number, why: string) => void;
  /** Postgres did not take the output: the run's activity fails and is tried again. */
  onError: (error: Error) => void;
}

/** Chunks below this size that wait together become one row. */
const rowBytes = 256 * 1024;
const joinedMs = 10;
const batchBytes = 2 * 1024 * 1024;
/** Bytes that may wait: an agent that keeps to its window never has more on its way, but for one frame. */
const waitingBytes = 2 * outputWindowBytes;

export function createOutputWriter(options: OutputWriterOptions): OutputWriter {
  let next = options.from;
  let stored = options.from;
  let queue: OutputChunk[] = [];
  let writing: Promise<void> | undefined;
  let isRefused = false;

  /** Rows are there below this; `stored` goes on where Postgres refuses them. */
  let recorded = options.from;
  /** Nothing waits for the notices: one at a time, and the latest offset is what counts. */
  let told = options.from;
  let telling = false;
  const tell = (): void => {
    if (telling || told >= recorded) return;
    telling = true;
    told = recorded;
    notifyLoosely(options.db, { kind: 'output', id: options.sessionId, offset: told })
      .catch(options.onError)
      .finally(() => {
        telling = false;
        tell();
      });
  };

  const write = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = takeBatch(queue);
      queue = queue.slice(batch.length);
      const upTo = await appendOutput(options.db, options.sessionId, batch, joins);
      if (upTo === undefined) throw new Error('the output goes on elsewhere, or the session has ended');
      stored = recorded = upTo;
      options.onStored(stored);
      tell();
    }
  };
  const failed = (error: Error): void => {
    const why = whyRefused(error);
    if (why === undefined) return options.onError(error);
    isRefused = true;
    queue = [];
    options.onRefused(recorded, why);
    passOver();
  };
  const passOver = (): void => {
    stored = next;
    options.onStored(stored);
  };

  return {
    push(chunk) {
      const skip = next - chunk.offset;
      if (skip < 0 || next - stored > waitingBytes) return false;
      if (skip >= chunk.data.length) return true;
      const fresh = skip === 0 ? chunk : { ...chunk, offset: next, data: chunk.data.subarray(skip) };
      next += fresh.data.length;
      if (isRefused) {
        passOver();
        return true;
      }
      queue.push(fresh);
      options.onChunk(fresh);
      writing ??= write()
        .catch(failed)
        .finally(() => (writing = undefined));
      return true;
    },
    get next() {
      return next;
    },
    close() {
      queue = [];
    },
    async flushed() {
      while (writing) await writing;
    },
  };
}

function takeBatch(queue: OutputChunk[]): OutputChunk[] {
  let bytes = 0;
  const end = queue.findIndex((chunk) => (bytes += chunk.data.length) > batchBytes);
  return queue.slice(0, end === -1 ? queue.length : Math.max(1, end));
}

/** Sizes of a terminal stay apart, and so does what came at another time: a recording is played by its rows. */
function joins(row: OutputRow, { stream, data, at }: OutputChunk): boolean {
  if (row.stream !== stream || stream === 'resize' || row.bytes + data.length > rowBytes) return false;
  return (at ?? 0) - (row.at ?? 0) <= joinedMs;
}
