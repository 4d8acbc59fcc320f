/**
 * The agent's journal: which orders it took. An entry is synced before the runner hears of the command, so that after
 * any crash the agent knows what it must never start again. Append-only JSON lines without scripts, env or output.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';
import { isDiskFull, readFileIfThere, writeFileDurably } from './files.ts';
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
  /** The entry is on disk when this returns. */
  accept(run: JournalRun): void;
  running(sessionId: string, process: ProcessMark): void;
  forget(sessionId: string): void;
  close(): void;
}

/** A forgotten session is remembered until its order can no longer be accepted, by a wide margin for wrong clocks. */
const forgottenMs = 24 * 60 * 60 * 1000;
/** Appended lines after which the file is written anew. */
const compactAfter = 2_000;

/**
 * Writes and syncs block: a few tenths of a millisecond on most disks, and somebody waits for each of them; handing
 * them to the thread pool took ten times as long.
 */
export function openJournal(path: string, now: () => number = Date.now): Journal {
  const { id, runs, forgotten } = readJournal(path);
  let file: number | undefined;
  let size = 0;
  let appended = 0;

  function compact(): void {
    for (const [sessionId, until] of forgotten) if (until < now()) forgotten.delete(sessionId);
    writeFileDurably(path, [...entriesOf(id, runs, forgotten)].map(toLine).join(''));
    if (file !== undefined) closeSync(file);
    file = openSync(path, constants.O_WRONLY | constants.O_APPEND);
    size = fstatSync(file).size;
    appended = 0;
  }

  function append(entry: Entry, mustLast = true): void {
    if (file === undefined) throw new HoopError('internal', "The agent's journal is closed.");
    const line = Buffer.from(toLine(entry));
    try {
      const written = writeSync(file, line);
      if (written < line.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      if (mustLast) fdatasyncSync(file);
    } catch (error) {
      ftruncateSync(file, size); // half a line must not stand before the next one
      if (!isDiskFull(error)) throw error;
      throw new HoopError('unavailable', "The disk of the agent's journal is full; make room in its HOOP_HOME.");
    }
    size += line.length;
    appended += 1;
  }

  compact();
  return {
    id,
    runs: () => [...runs.values()],
    get: (sessionId) => runs.get(sessionId),
    isForgotten: (sessionId) => forgotten.has(sessionId),
    accept(run) {
      const { process: _process, ...entry } = run;
      append({ entry: 'accepted', ...entry });
      runs.set(run.sessionId, run);
    },
    running(sessionId, process) {
      const run = runs.get(sessionId);
      if (run === undefined || run.process !== null) return;
      append({ entry: 'running', sessionId, process }, false);
      run.process = process;
    },
    forget(sessionId) {
      const run = runs.get(sessionId);
      if (run === undefined) return;
      append({ entry: 'forgotten', sessionId, acceptBefore: run.acceptBefore });
      runs.delete(sessionId);
      forgotten.set(sessionId, forgottenUntil(run.acceptBefore));
      if (appended >= compactAfter) compact();
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
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
