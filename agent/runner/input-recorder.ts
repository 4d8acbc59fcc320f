/**
 * Decides what of the input is recorded: not what is typed while the terminal reads a line without showing it. Its
 * settings are known only at the moments somebody asks, and nobody who types waits for that; so input is recorded when
 * the answer before and the one after it both allow it. Input that may end the reading of a line is written only once
 * that is answered for all that was typed before; where it brings a line of its own, that line counts as typed before
 * it: a password that was pasted with its Enter is read faster than anybody can ask.
 */
import type { MayRecord } from './echo-check.ts';

export interface InputRecorder {
  /** To be awaited before `bytes` are written; undefined when there is nothing to wait for. */
  before(bytes: Buffer): Promise<unknown> | undefined;
  /** `bytes` were written. */
  typed(bytes: Buffer): void;
  /** The program wrote something. */
  outputSeen(): void;
  /** Decides on all that was typed. */
  settle(): Promise<void>;
  /** The program is about to be ended from outside: what is not decided by now is left out. */
  leaveOut(): void;
}

export interface InputRecorderDeps {
  check(): Promise<MayRecord>;
  record(bytes: Buffer): void;
}

interface Piece {
  bytes: Buffer;
  /** Whether the answer before it allows it. */
  before: boolean;
}

/** Keys pressed within this time share a question. */
const gatherMs = 30;
/** Output that pauses this long may have been a prompt. */
const quietMs = 100;
const maxUndecidedBytes = 256 * 1024;
/** After so many questions without an answer nobody is asked any more, and nothing is recorded. */
const maxFailures = 3;

export function createInputRecorder({ check, record }: InputRecorderDeps): InputRecorder {
  let known: MayRecord = true; // every terminal begins like that
  let failures = 0;
  /** What waits for the next answer. */
  let undecided: Piece[] = [];
  /** What the question under way is about. */
  let asked: Piece[] = [];
  let undecidedBytes = 0;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Asks once, about all that was typed before. */
  async function ask(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    asked = undecided;
    undecided = [];
    known = await check();
    failures = known === undefined ? failures + 1 : 0;
    const decided = asked;
    asked = [];
    for (const { bytes, before } of decided) {
      undecidedBytes -= bytes.length;
      if (before && known === true) record(bytes);
    }
  }

  const isDecided = () => undecided.length === 0 && asked.length === 0;

  /** One question at a time; whoever comes while it is under way shares the next. */
  function askNow(): Promise<void> {
    if (running === undefined) {
      running = ask().finally(() => (running = undefined));
      return running;
    }
    next ??= running.then(() => {
      next = undefined;
      return askNow();
    });
    return next;
  }

  function askSoon(ms: number): void {
    if (failures < maxFailures) timer ??= setTimeout(() => void askNow(), ms);
  }

  function decideLater(bytes: Buffer): void {
    undecided.push({ bytes, before: known === true });
    undecidedBytes += bytes.length;
    askSoon(gatherMs);
  }

  return {
    before(bytes) {
      if (failures >= maxFailures) return undefined;
      if (undecidedBytes > maxUndecidedBytes) return askNow();
      if (!bytes.some(mayEndLine)) return undefined;
      return bytes.length > 1 || !isDecided() ? askNow() : undefined;
    },
    typed(bytes) {
      if (failures >= maxFailures) return;
      const line = isDecided() ? bytes.subarray(0, bytes.findIndex(mayEndLine) + 1) : Buffer.alloc(0);
      if (line.length > 0 && known === true) record(line);
      if (line.length < bytes.length) decideLater(bytes.subarray(line.length));
    },
    outputSeen() {
      if (known !== true) askSoon(quietMs);
    },
    async settle() {
      clearTimeout(timer);
      while (!isDecided()) await askNow();
    },
    leaveOut() {
      undecided = [];
      asked = [];
      undecidedBytes = 0;
    },
  };
}

/** Enter, and the keys that end or interrupt a program: control characters but for those that edit a line. */
function mayEndLine(byte: number): boolean {
  return byte < 0x20 && byte !== 0x08 && byte !== 0x09 && byte !== 0x1b;
}
