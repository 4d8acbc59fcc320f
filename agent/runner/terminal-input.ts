/** The input side of a command in a terminal: what is typed goes in as the program takes it, and on record. */
import type { TerminalSize } from '#shared/terminal.ts';
import { checkEcho } from './echo-check.ts';
import { createInputRecorder, type InputRecorder } from './input-recorder.ts';
import type { Pty, Ptys } from './pty.ts';
import { createTypedInput } from './typed-input.ts';

export interface TerminalInput {
  attach(client: string, size: TerminalSize): void;
  resize(size: TerminalSize): void;
  input(client: string, offset: number, data: Buffer): void;
  /** The size that the terminal is opened with. */
  size(): TerminalSize;
  /** The terminal is there; what came before is written now. */
  begin(pty: Pty): void;
  outputSeen(): void;
  /** The program is about to be ended. */
  ending(): void;
  /** Nothing is typed or recorded any more. */
  close(): void;
}

export interface TerminalInputDeps {
  ptys: Ptys;
  record(stream: 'input' | 'resize', data: Buffer): void;
  onAck(client: string, offset: number): void;
  /** Somebody typed. */
  onActivity(): void;
}

/**
 * A terminal that is full says nothing when it has room again, and node cannot wait for it: it is tried again, less and
 * less often, and whenever the program writes.
 */
const firstRetryMs = 1;
const lastRetryMs = 100;
/** A window that is dragged has many sizes: between those that count lies this time, and the latest counts. */
const resizeMs = 50;
/** Of clients that came while there were too many. */
const maxUnanswered = 64;

export function createTerminalInput(first: TerminalSize, deps: TerminalInputDeps): TerminalInput {
  const typed = createTypedInput();
  let size = first;
  /** The size of the terminal. */
  let applied = first;
  let resizeTimer: NodeJS.Timeout | undefined;
  let pty: Pty | undefined;
  let recorder: InputRecorder | undefined;
  /** They are answered once there is room. */
  const unanswered = new Set<string>();
  let isPumping = false;
  let isClosed = false;
  let tryNow: (() => void) | undefined;

  async function pump(opened: Pty): Promise<void> {
    let retryMs = firstRetryMs;
    let isNew = true;
    for (let bytes = typed.next(); bytes !== undefined && !isClosed; bytes = typed.next()) {
      const waiting = isNew ? recorder?.before(bytes) : undefined;
      isNew = false;
      if (waiting !== undefined) {
        await waiting;
        continue;
      }
      const written = opened.write(bytes);
      if (written === 0) {
        await room(retryMs);
        retryMs = Math.min(retryMs * 2, lastRetryMs);
        continue;
      }
      retryMs = firstRetryMs;
      recorder?.typed(bytes.subarray(0, written));
      const { client, offset, isDone } = typed.written(written);
      isNew = isDone;
      deps.onAck(client, offset);
      deps.onActivity();
      if (isDone) answerLate();
    }
    isPumping = false; // before anything else can come in
  }

  function answer(client: string): boolean {
    const offset = typed.attach(client);
    if (offset !== undefined) deps.onAck(client, offset);
    return offset !== undefined;
  }

  function answerLate(): void {
    for (const client of unanswered) {
      if (!answer(client)) return;
      unanswered.delete(client);
    }
  }

  async function room(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      tryNow = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    tryNow = undefined;
  }

  function start(): void {
    if (isPumping || isClosed || pty === undefined) return;
    isPumping = true;
    void pump(pty);
  }

  function resize(to: TerminalSize): void {
    size = { columns: to.columns, rows: to.rows };
    if (resizeTimer === undefined) applySize();
  }

  function applySize(): void {
    resizeTimer = undefined;
    if (pty === undefined || isClosed || (size.columns === applied.columns && size.rows === applied.rows)) return;
    pty.resize(size);
    recordSize();
    resizeTimer = setTimeout(applySize, resizeMs);
  }

  function recordSize(): void {
    applied = size;
    deps.record('resize', Buffer.from(`${size.columns}x${size.rows}`));
  }

  return {
    attach(client, to) {
      resize(to);
      if (!answer(client) && unanswered.size < maxUnanswered) unanswered.add(client);
    },
    resize,
    input(client, offset, data) {
      if (resizeTimer !== undefined) {
        clearTimeout(resizeTimer);
        applySize(); // what is typed after a change of size meets it
      }
      typed.push(client, offset, data);
      start();
    },
    size: () => size,
    begin(opened) {
      pty = opened;
      opened.resize(size); // it may have changed while the terminal was made
      recordSize();
      const ownRecorder = createInputRecorder({
        check: () => checkEcho(opened, deps.ptys),
        record(bytes) {
          if (!isClosed) deps.record('input', bytes);
        },
      });
      recorder = ownRecorder;
      opened.output.beforeClose = ownRecorder.settle;
      start();
    },
    outputSeen() {
      tryNow?.();
      recorder?.outputSeen();
    },
    ending: () => recorder?.leaveOut(),
    close() {
      isClosed = true;
      clearTimeout(resizeTimer);
      tryNow?.();
    },
  };
}
