/**
 * The agent's journal: which orders it took. An entry is synced before the runner hears of the command, so that after
 * any crash the agent knows what it must never start again. Append-only JSON lines without scripts, env or output.
 */
import { randomUUID } from 'node:crypto';
import { constants, truncateSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';
import { readFileIfThere, writeFileDurably } from './files.ts';
import { processMarkSchema, type ProcessMark } from './process-mark.ts';
import { runnerRefSchema } from './runner-protocol.ts';

const acceptedEntry = z.object({
  entry: z.literal('accepted'),
  sessionId: z.uuid(),
  nonce: z.string(),
  digest: z.string(),
  acceptBefore: z.string(),
  /** The one runner that is asked to start it. */
  runner: runnerRefSchema,
});
const entrySchema = z.discriminatedUnion('entry', [
  z.object({ entry: z.literal('journal'), version: z.literal(1), id: z.uuid() }),
  acceptedEntry,
  z.object({ entry: z.literal('running'), sessionId: z.uuid(), process: processMarkSchema }),
  z.object({ entry: z.literal('forgotten'), sessionId: z.uuid(), acceptBefore: z.string() }),
]);
type Entry = z.infer<typeof entrySchema>;

export type JournalRun = Omit<z.infer<typeof acceptedEntry>, 'entry'> & { process: ProcessMark | null };

export interface Journal {
  id: string;
  runs(): JournalRun[];
  get(sessionId: string): JournalRun | undefined;
  /** Whether this session ran here and its end is known to the gateway. */
  isForgotten(sessionId: string): boolean;
  /** Resolves once the entry is on disk. */
  accept(run: JournalRun): Promise<void>;
  running(sessionId: string, process: ProcessMark): Promise<void>;
  forget(sessionId: string): Promise<void>;
  close(): Promise<void>;
}

/** A forgotten session is remembered until its order can no longer be accepted, by a wide margin for wrong clocks. */
const forgottenMs = 24 * 60 * 60 * 1000;
/** Appended lines after which the file is written anew. */
const compactAfter = 2_000;

export async function openJournal(path: string, now: () => number = Date.now): Promise<Journal> {
  const { id, runs, forgotten } = readJournal(path);
  let file: FileHandle | undefined;
  let size = 0;
  let appended = 0;
  /** Everything that touches the file, one after the other. */
  let tail: Promise<unknown> = Promise.resolve();
  /** Lines that share the next sync. */
  let batch: { lines: string[]; done: Promise<void> } | undefined;

  async function compact(): Promise<void> {
    for (const [sessionId, until] of forgotten) if (until < now()) forgotten.delete(sessionId);
    writeFileDurably(path, [...entriesOf(id, runs, forgotten)].map(toLine).join(''));
    await file?.close();
    file = await open(path, constants.O_WRONLY | constants.O_APPEND);
    size = (await file.stat()).size;
    appended = 0;
  }

  function append(entry: Entry): Promise<void> {
    if (batch === undefined) {
      const lines: string[] = [];
      const done = inTurn(() => {
        batch = undefined;
        return write(lines);
      });
      batch = { lines, done };
    }
    batch.lines.push(toLine(entry));
    return batch.done;
  }

  async function write(lines: string[]): Promise<void> {
    const text = lines.join('');
    try {
      await file?.appendFile(text);
      await file?.datasync();
    } catch (error) {
      await file?.truncate(size); // half a line must not stand before the next one
      throw error;
    }
    size += Buffer.byteLength(text);
    appended += lines.length;
    if (appended >= compactAfter) await compact();
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = tail.then(work);
    tail = done.catch(() => undefined); // whoever asked for it hears of the failure
    return done;
  }

  await compact();
  return {
    id,
    runs: () => [...runs.values()],
    get: (sessionId) => runs.get(sessionId),
    isForgotten: (sessionId) => forgotten.has(sessionId),
    // the maps change first, so that a compaction on the way writes what they will be
    async accept(run) {
      const { process: _process, ...entry } = run;
      runs.set(run.sessionId, run);
      try {
        await append({ entry: 'accepted', ...entry });
      } catch (error) {
        runs.delete(run.sessionId);
        throw error;
      }
    },
    async running(sessionId, process) {
      const run = runs.get(sessionId);
      if (run === undefined || run.process !== null) return;
      run.process = process;
      await append({ entry: 'running', sessionId, process });
    },
    async forget(sessionId) {
      const run = runs.get(sessionId);
      if (run === undefined) return;
      runs.delete(sessionId);
      forgotten.set(sessionId, forgottenUntil(run.acceptBefore));
      await append({ entry: 'forgotten', sessionId, acceptBefore: run.acceptBefore });
    },
    close: () => inTurn(async () => file?.close()),
  };
}

interface Contents {
  id: string;
  runs: Map<string, JournalRun>;
  /** Until when (ms) each is remembered. */
  forgotten: Map<string, number>;
}

function readJournal(path: string): Contents {
  const contents: Contents = { id: randomUUID(), runs: new Map(), forgotten: new Map() };
  const text = readFileIfThere(path);
  if (text === undefined) return contents;
  const end = text.lastIndexOf('\n') + 1;
  // a crash while appending leaves half a line: nobody relied on it
  if (end < text.length) truncateSync(path, Buffer.byteLength(text.slice(0, end)));
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  lines.forEach((line, index) => apply(contents, parseLine(line, index, path)));
  return contents;
}

function apply(contents: Contents, entry: Entry): void {
  const { runs, forgotten } = contents;
  switch (entry.entry) {
    case 'journal':
      contents.id = entry.id;
      return;
    case 'accepted': {
      const { entry: _entry, ...run } = entry;
      runs.set(run.sessionId, { ...run, process: null });
      return;
    }
    case 'running': {
      const run = runs.get(entry.sessionId);
      if (run !== undefined) run.process = entry.process;
      return;
    }
    case 'forgotten':
      runs.delete(entry.sessionId);
      forgotten.set(entry.sessionId, forgottenUntil(entry.acceptBefore));
  }
}

function parseLine(line: string, index: number, path: string): Entry {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new HoopError(
      'internal',
      `The agent's journal is damaged at line ${index + 1} of ${path}. Move the file away to start with a new journal; ` +
        'runs of the old one are then reported as lost.',
      { cause },
    );
  }
}

function* entriesOf(id: string, runs: Map<string, JournalRun>, forgotten: Map<string, number>): Generator<Entry> {
  yield { entry: 'journal', version: 1, id };
  for (const { process, ...run } of runs.values()) {
    yield { entry: 'accepted', ...run };
    if (process !== null) yield { entry: 'running', sessionId: run.sessionId, process };
  }
  for (const [sessionId, until] of forgotten) {
    yield { entry: 'forgotten', sessionId, acceptBefore: new Date(until - forgottenMs).toISOString() };
  }
}

function forgottenUntil(acceptBefore: string): number {
  return Date.parse(acceptBefore) + forgottenMs;
}

function toLine(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}
