/**
 * What is typed, on its way to a terminal that may be far away: numbered, kept until it was taken, and sent again from
 * where the terminal says. Nothing is lost or doubled by a line that breaks.
 */
import { encodeInput, inputFrameBytes, inputWindowBytes } from './input-frame.ts';
import type { InputEvent } from './stream-events.ts';

export class Keyboard {
  /** UUID of who types, for the terminal at the other end. */
  readonly client: string;
  private readonly send: (frame: Uint8Array<ArrayBuffer>) => void;
  /** Typed and not acknowledged; its first byte is number `taken`. */
  private waiting = new Uint8Array(0);
  private taken = 0;
  private sent = 0;
  /** The terminal has said from where on to send, over the line that is there now. */
  private isReady = false;

  constructor(client: string, send: (frame: Uint8Array<ArrayBuffer>) => void) {
    this.client = client;
    this.send = send;
  }

  /** As much waits as may be sent: whoever types faster has to wait. */
  get isFull(): boolean {
    return this.waiting.length >= inputWindowBytes;
  }

  /** All that was typed was taken. */
  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  type(data: Uint8Array): void {
    const waiting = new Uint8Array(this.waiting.length + data.length);
    waiting.set(this.waiting);
    waiting.set(data, this.waiting.length);
    this.waiting = waiting;
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
