/**
 * Decides what of the input is recorded: not what is typed while the terminal reads a line without showing it. Its
 * settings are known only at the moments somebody asks, and nobody who types waits for that; so a piece of input is
 * recorded when the answer before and the one after it both allow it. Input that may end the reading of a line waits
 * for the answers on what was typed before it, and where it brings its own line, for one of its own: a password that
 * was pasted with its Enter is read faster than anybody can ask.
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
}

export interface InputRecorderDeps {
  check(): Promise<MayRecord>;
  record(bytes: Buffer): void;
}

interface Piece {
  bytes: Buffer;
  before: boolean;
  /** Asked after all that was typed before, so that the answer is about this piece. */
  isFresh: boolean;
}

/** Keys pressed within this time share a question. */
const gatherMs = 30;
/** Output that pauses this long may have been a prompt. */
const quietMs = 100;
const maxUndecidedBytes = 256 * 1024;
/** After so many questions without an answer nobody is asked any more, and nothing is recorded. */
const maxFailures = 3;

export function createInputRecorder({ check, record }: InputRecorderDeps): InputRecorder {
  let known: MayRecord;
  let failures = 0;
  let pieces: Piece[] = [];
  let undecidedBytes = 0;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Asks once, about all that was typed before. */
  async function ask(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const asked = pieces.length;
    known = await check();
    failures = known === undefined ? failures + 1 : 0;
    const decided = pieces.slice(0, asked);
    pieces = pieces.slice(asked);
    for (const { bytes, before, isFresh } of decided) {
      undecidedBytes -= bytes.length;
      if (before && (known ?? isFresh)) record(bytes);
    }
  }

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
    timer ??= setTimeout(() => void askNow(), ms);
  }

  void askNow();
  return {
    before(bytes) {
      if (failures >= maxFailures) return undefined;
      if (undecidedBytes > maxUndecidedBytes) return askNow();
      if (!bytes.some(mayEndLine)) return undefined;
      return bytes.length > 1 || pieces.length > 0 ? askNow() : undefined;
    },
    typed(bytes) {
      if (failures >= maxFailures) return;
      const isFresh = bytes.length === 1 ? mayEndLine(bytes[0] ?? 0) : bytes.some(mayEndLine);
      pieces.push({ bytes, before: known === true, isFresh });
      undecidedBytes += bytes.length;
      askSoon(gatherMs);
    },
    outputSeen() {
      if (known !== true && failures < maxFailures) askSoon(quietMs);
    },
    async settle() {
      clearTimeout(timer);
      while (pieces.length > 0) await askNow();
    },
  };
}

/** Enter, and the keys that end or interrupt a program: control characters but for those that edit a line. */
function mayEndLine(byte: number): boolean {
  return byte < 0x20 && byte !== 0x08 && byte !== 0x09 && byte !== 0x1b;
}
