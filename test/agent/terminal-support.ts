/** Somebody at a terminal, as the gateway passes them on. */
import { randomUUID } from 'node:crypto';
import { inputFrameBytes, inputWindowBytes } from '#shared/input-frame.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway, OrderOptions, SignedOrder } from '#test/support/fake-gateway.ts';

export class TypingClient {
  readonly client = randomUUID();
  private readonly gateway: FakeGateway;
  readonly order: SignedOrder;
  private sent = Buffer.alloc(0);
  private onWire = 0;

  constructor(gateway: FakeGateway, order: SignedOrder) {
    this.gateway = gateway;
    this.order = order;
  }

  get sessionId(): string {
    return this.order.sessionId;
  }

  /** Everything below this was taken. */
  get acknowledged(): number {
    return this.gateway.acknowledged(this.sessionId, this.client) ?? 0;
  }

  /** Attaches and waits for the answer; then sends what was not acknowledged, as after a new connection. */
  async attach(size: TerminalSize = { columns: 80, rows: 24 }): Promise<void> {
    const before = this.acks();
    this.gateway.attach(this.sessionId, this.client, size);
    await eventually(() => this.acks() > before, { everyMs: 2, describe: 'the answer to attach' });
    this.onWire = this.acknowledged;
    this.flush();
  }

  private acks(): number {
    return this.gateway.of('input_ack').filter(({ client }) => client === this.client).length;
  }

  type(text: string | Buffer): void {
    this.sent = Buffer.concat([this.sent, Buffer.from(text)]);
    this.flush();
  }

  /** Types more than the window holds, as fast as it is taken. */
  async paste(bytes: Buffer, deadlineMs = 60_000): Promise<void> {
    this.type(bytes);
    const end = this.sent.length;
    await eventually(
      () => {
        this.flush();
        return this.acknowledged === end;
      },
      { everyMs: 1, deadlineMs, describe: () => `${end} bytes to be taken, ${this.acknowledged} were` },
    );
  }

  /** Sends as far as the window allows. */
  private flush(): void {
    const end = Math.min(this.sent.length, this.acknowledged + inputWindowBytes);
    while (this.onWire < end) {
      const data = this.sent.subarray(this.onWire, Math.min(end, this.onWire + inputFrameBytes));
      this.gateway.sendInput(this.sessionId, { client: this.client, offset: this.onWire, data });
      this.onWire += data.length;
    }
  }

  taken(): Promise<unknown> {
    return eventually(() => this.acknowledged === this.sent.length, {
      everyMs: 2,
      describe: () => `${this.sent.length} bytes to be taken, ${this.acknowledged} were`,
    });
  }

  /** All output so far. */
  screen(): string {
    return this.gateway.output(this.sessionId, 'stdout').toString('utf8');
  }

  /** What was typed, as far as it is on record. */
  recorded(): string {
    return this.gateway.output(this.sessionId, 'input').toString('utf8');
  }

  shows(pattern: RegExp | string): Promise<unknown> {
    const shown = () => (typeof pattern === 'string' ? this.screen().includes(pattern) : pattern.test(this.screen()));
    return eventually(shown, { everyMs: 5, describe: () => `${pattern} on the screen:\n${this.screen()}\n` });
  }

  ended() {
    return this.gateway.ended(this.sessionId);
  }
}

export const xterm = { type: 'xterm-256color', columns: 80, rows: 24 };

/** Runs a command in a terminal, with a client attached. */
export async function openTerminal(gateway: FakeGateway, options: OrderOptions): Promise<TypingClient> {
  const order = gateway.makeOrder({ terminal: xterm, ...options });
  gateway.sendOrder(order);
  const client = new TypingClient(gateway, order);
  await client.attach(options.terminal ?? xterm);
  return client;
}

/** A shell without anybody's settings, that shows `$ `. */
export const shell: OrderOptions = { command: ['bash', '--norc', '--noprofile'], env: { PS1: '$ ' } };
