/**
 * Sends one session's output from the spool to the gateway, from an offset on, then its end. Never more than the window
 * is on its way unacknowledged; every frame waits for the one before to leave, so memory stays small however slow the
 * line is.
 */
import type { Logger } from 'pino';
import { outputFrameBytes, outputWindowBytes, type ExitedFrame } from '#shared/agent-protocol.ts';
import { encodeSessionOutputIn, sessionHeaderBytes } from '#shared/output-frame.ts';
import type { GatewayLink } from './gateway-link.ts';
import { openSpool, type ExitRecord, type SpoolReader } from './spool.ts';

/** What is known of the run now; the transfer looks again whenever it is woken. */
export interface TransferView {
  hasStarted: boolean;
  spoolBytes: number;
  ended: boolean;
  /** Nobody will ever write an end into the spool. */
  lost: boolean;
}

export interface TransferDeps {
  sessionId: string;
  nonce: string;
  spoolPath: string;
  fromOffset: number;
  link: GatewayLink;
  view(): TransferView;
  log: Logger;
}

export interface Transfer {
  /** The view changed. */
  wake(): void;
  ack(offset: number): void;
  close(): void;
  /** Resolves when the end has been sent, or the transfer was closed. */
  done: Promise<void>;
}

const lostEnd: ExitRecord = {
  reason: 'lost',
  exitCode: null,
  signal: null,
  durationMs: 0,
  message:
    "the agent's runner ended before the command did; nobody can tell how far it came, and it was not started again",
};
const noSpoolEnd: ExitRecord = { ...lostEnd, reason: 'start_failed', message: 'the agent has no room to store output' };

export function startTransfer(deps: TransferDeps): Transfer {
  const { sessionId, nonce, link, log } = deps;
  let sent = deps.fromOffset;
  let acked = deps.fromOffset;
  let hasSaidStarted = false;
  let isClosed = false;
  let reader: SpoolReader | undefined;
  /** One for all: each is gone before the next is read. */
  let frame: Buffer | undefined;
  let isWoken = false;
  let wakeUp: (() => void) | undefined;

  function wake(): void {
    isWoken = true;
    wakeUp?.();
  }

  async function untilWoken(): Promise<void> {
    if (!isWoken) await new Promise<void>((resolve) => (wakeUp = resolve));
    isWoken = false;
    wakeUp = undefined;
  }

  async function pump(): Promise<void> {
    while (!isClosed) {
      const view = deps.view();
      sayStarted(view);
      const room = outputWindowBytes - (sent - acked);
      const end = room > 0 ? await sendNext(view, Math.min(room, outputFrameBytes)) : 'wait';
      if (end === 'wait') await untilWoken();
      else if (end !== 'more') return sayExited(end);
    }
  }

  /** Sends what comes next; the end when there is one, `wait` when nothing more can be read yet. */
  async function sendNext(view: TransferView, maxBytes: number): Promise<ExitRecord | 'more' | 'wait'> {
    if (view.ended && view.spoolBytes === 0) return noSpoolEnd;
    if (view.spoolBytes > 0) {
      reader ??= await openSpool(deps.spoolPath, deps.fromOffset);
      frame ??= Buffer.allocUnsafeSlow(sessionHeaderBytes + outputFrameBytes);
      const item = await reader.next(view.spoolBytes, maxBytes, frame.subarray(sessionHeaderBytes));
      if (item?.kind === 'exit') return item.exit;
      if (isClosed) return 'wait';
      if (item?.kind === 'output') {
        const { data, ...chunk } = item.chunk;
        sent = chunk.offset + data.length;
        await link.sendOutput(encodeSessionOutputIn(frame, sessionId, { ...chunk, bytes: data.length }));
        return 'more';
      }
    }
    return view.lost ? lostEnd : 'wait';
  }

  function sayStarted(view: TransferView): void {
    if (hasSaidStarted || !view.hasStarted) return;
    hasSaidStarted = true;
    link.send({ type: 'started', sessionId, nonce });
  }

  function sayExited(end: ExitRecord): void {
    if (isClosed) return;
    const frame: ExitedFrame = {
      type: 'exited',
      sessionId,
      nonce,
      ...end,
      message: end.message.slice(0, 2000),
      outputBytes: sent,
    };
    link.send(frame);
    log.info({ reason: end.reason, exitCode: end.exitCode, signal: end.signal, outputBytes: sent }, 'end sent');
  }

  const done = pump()
    .catch((error: unknown) => {
      log.error({ err: error }, 'the spool cannot be read');
      sayExited({ ...lostEnd, message: "the agent's record of the output cannot be read" });
    })
    .finally(() => reader?.close());

  return {
    wake,
    ack(offset) {
      acked = Math.max(acked, Math.min(offset, sent));
      wake();
    },
    close() {
      isClosed = true;
      wake();
    },
    done,
  };
}
