/**
 * What the client of a session's stream sends. `interrupt` is for who asked, and admins. To type into a terminal, a
 * client says `attach` with an id of its own and the size of its terminal, is told by the event `input` from where on to
 * send, and sends binary frames (`encodeInput`). Only who asked for the session may, while they are signed in and the
 * session has a terminal: `attach` of anybody else closes the stream (4403), frames without an attach are passed over,
 * and so is everything that cannot be read. More at once than `inputWindowBytes` closes it (1008).
 */
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { decodeInput } from '#shared/input-frame.ts';
import { parseJson } from '#shared/parse-json.ts';
import { streamClose, streamCommand, type InputEvent } from '#shared/stream-events.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { stillSignedIn } from '#core/authenticate.ts';
import { interruptSession } from '#core/interrupt-session.ts';
import type { SessionRow } from '#core/visible-session.ts';
import type { Identity } from './auth.ts';
import type { Keyboard, Keyboards } from './relay/keyboards.ts';

const policyViolation = 1008;
/** Whoever types is looked up again when the last look is older. */
const sureForMs = 10_000;
/** A window that is drawn larger says many sizes a second, of which a program needs the last. */
const resizeEveryMs = 50;

export interface StreamInputOptions {
  identity: Identity;
  session: SessionRow;
  keyboards: Keyboards;
  log: Logger;
  send: (event: InputEvent) => void;
  close: (code: number, reason: string) => void;
}

export class StreamInput {
  private readonly options: StreamInputOptions;
  private keyboard: Keyboard | undefined;
  private interrupting = false;
  private closed = false;
  private sureUntil = 0;
  private resizing: NodeJS.Timeout | undefined;
  private nextSize: TerminalSize | undefined;
  /** Of attaches, the latest that is being looked into. */
  private asked: { client: string; size: TerminalSize } | undefined;

  constructor(options: StreamInputOptions) {
    this.options = options;
  }

  /** Commands of newer clients that are not known here are passed over. */
  takeText(text: string): void {
    const parsed = streamCommand.safeParse(parseJson(text));
    if (!parsed.success || this.closed) return;
    const command = parsed.data;
    if (command.command === 'interrupt') return this.interrupt();
    const size = { columns: command.columns, rows: command.rows };
    if (command.command === 'attach') return this.attach(command.client, size);
    if (this.asked) this.asked.size = size;
    else this.resize(size);
  }

  /** The first at once; of those that follow at once, the latest. */
  private resize(size: TerminalSize): void {
    if (this.resizing) {
      this.nextSize = size;
      return;
    }
    this.keyboard?.resize(size);
    this.resizing = setTimeout(() => {
      this.resizing = undefined;
      const next = this.nextSize;
      this.nextSize = undefined;
      if (next) this.resize(next);
    }, resizeEveryMs);
  }

  takeBinary(frame: Buffer): void {
    if (!this.keyboard || this.closed) return;
    this.stayOnlyIfActive();
    let chunk;
    try {
      chunk = decodeInput(frame);
    } catch {
      return;
    }
    if (this.nextSize) this.keyboard.resize(this.nextSize); // what is typed after a change of size meets it
    this.nextSize = undefined;
    if (!this.keyboard.input(chunk)) this.options.close(policyViolation, 'more input than may wait');
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.resizing);
    this.keyboard?.close();
  }

  private attach(client: string, size: TerminalSize): void {
    const isBeingAsked = this.asked !== undefined;
    this.asked = { client, size };
    this.nextSize = undefined; // this one is newer
    if (isBeingAsked) return;
    this.mayType()
      .then((may) => {
        const asked = this.asked;
        this.asked = undefined;
        if (this.closed || !asked) return;
        if (!may) return this.options.close(streamClose.notAllowed, 'only who asked for the terminal may type');
        this.keyboard ??= this.open();
        this.keyboard.attach(asked.client, asked.size);
      })
      .catch((error: unknown) => this.askToComeBack(error));
  }

  private open(): Keyboard {
    const { keyboards, session, send } = this.options;
    return keyboards.open(session.id, ({ client, offset, resend }) =>
      send({ event: 'input', client, offset, ...(resend && { resend }) }),
    );
  }

  private async mayType(): Promise<boolean> {
    const { identity, session } = this.options;
    if (session.requesterId !== identity.user.id || !session.terminal) return false;
    const user = await stillSignedIn(identity.ctx.core, identity);
    this.sureUntil = this.now() + sureForMs;
    return user !== undefined;
  }

  /** Whoever is deactivated or signed out stops typing soon, and no keystroke waits for that look. */
  private stayOnlyIfActive(): void {
    if (this.now() < this.sureUntil) return;
    this.sureUntil = this.now() + sureForMs;
    this.mayType().then(
      (may) => may || this.options.close(streamClose.notSignedIn, 'signed out'),
      (error: unknown) => this.askToComeBack(error),
    );
  }

  private now(): number {
    return this.options.identity.ctx.core.now().getTime();
  }

  private askToComeBack(error: unknown): void {
    this.options.log.warn({ err: error }, 'could not look up who types');
    this.options.close(streamClose.restart, 'come back');
  }

  private interrupt(): void {
    const { identity, session, log } = this.options;
    if (this.interrupting) return;
    this.interrupting = true;
    interruptSession(identity.ctx, session.id)
      .catch((error: unknown) => {
        if (error instanceof HoopError) log.debug({ code: error.code }, 'interrupt refused');
        else log.warn({ err: error }, 'interrupt failed');
      })
      .finally(() => (this.interrupting = false));
  }
}
