/**
 * What is typed, on its way to a terminal that may be far away: numbered, kept until it was taken, and sent again from
 * where the terminal says. Nothing is lost or doubled by a line that breaks.
 */
import { randomUUID } from 'node:crypto';
import { encodeInput, inputFrameBytes, inputWindowBytes } from '#shared/input-frame.ts';
import type { InputEvent } from '#shared/stream-events.ts';

export class Keyboard {
  /** Who types, for the terminal at the other end: this process. */
  readonly client = randomUUID();
  private readonly send: (frame: Buffer) => void;
  /** Typed and not acknowledged; its first byte is number `taken`. */
  private waiting = Buffer.alloc(0);
  private taken = 0;
  private sent = 0;
  /** The terminal has said from where on to send, over the line that is there now. */
  private isReady = false;

  constructor(send: (frame: Buffer) => void) {
    this.send = send;
  }

  /** As much waits as may be sent: whoever types faster has to wait. */
  get isFull(): boolean {
    return this.waiting.length >= inputWindowBytes;
  }

  type(data: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, data]);
    this.pump();
  }

  /** The line is another: nothing goes over it before the terminal has answered. */
  lineChanged(): void {
    this.isReady = false;
  }

  /** The terminal has taken what was sent below `offset`. */
  onInput({ client, offset, resend }: InputEvent): void {
    if (client !== this.client) return;
    const more = Math.min(offset - this.taken, this.waiting.length);
    if (more > 0) {
      this.waiting = this.waiting.subarray(more);
      this.taken += more;
    }
    if (resend) {
      this.isReady = true;
      this.sent = this.taken;
    }
    this.pump();
  }

  private pump(): void {
    if (!this.isReady) return;
    this.sent = Math.max(this.sent, this.taken);
    const end = this.taken + Math.min(this.waiting.length, inputWindowBytes);
    while (this.sent < end) {
      const at = this.sent - this.taken;
      const data = this.waiting.subarray(at, Math.min(at + inputFrameBytes, end - this.taken));
      const offset = this.sent;
      this.sent += data.length;
      this.send(encodeInput({ client: this.client, offset, data }));
    }
  }
}
