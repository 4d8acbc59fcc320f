/**
 * One terminal of a session, between its screen on the page and the gateway: output to the screen, each byte once; what
 * is typed to the terminal, each byte once; over as many connections as it takes.
 */
import type { HoopError } from '#shared/errors.ts';
import { Keyboard } from '#shared/keyboard.ts';
import { isOutput, type OutputChunk } from '#shared/output-frame.ts';
import { readSize } from '#shared/recording.ts';
import type { LineEvent, SessionLine } from '#shared/session-line.ts';
import { isEndState, type SessionState } from '#shared/session-states.ts';
import type { EndEvent, InputEvent } from '#shared/stream-events.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { onReturn } from './on-return.ts';
import { sessionLine } from './socket-carrier.ts';
import { newUuid } from './uuid.ts';

/** The part of a screen that a line needs. */
export interface Screen {
  write(data: Uint8Array | string): Promise<void>;
  resize(size: TerminalSize): void;
  size(): TerminalSize;
}

export interface TerminalStatus {
  line: 'connecting' | 'open' | 'broken' | 'silent' | 'refused' | 'ended';
  state: SessionState;
  /** Why it waits, or why the gateway refuses. */
  message: string | null;
  end: EndEvent | null;
  /** What was typed waits to be taken, and more of it than should. */
  isFull: boolean;
}

export interface TerminalLineOptions {
  sessionId: string;
  state: SessionState;
  screen: Screen;
  /** The byte of the recording that follows what is on the screen already. */
  offset: number;
  /** Only who asked for the terminal types; the others see it in its own size. */
  mayType: boolean;
  onStatus: (status: TerminalStatus) => void;
}

/** Output that is not on the screen yet: beyond the first nothing more is taken in until there is as little as the last. */
const backlogBytes = { most: 4 * 1024 * 1024, least: 256 * 1024 };
/** What was typed is answered at once; a line on which it is not may be dead. */
export const answerWithinMs = 10_000;

export class TerminalLine {
  private readonly options: TerminalLineOptions;
  private readonly keyboard: Keyboard;
  private readonly line: SessionLine<Uint8Array>;
  private status: TerminalStatus;
  private backlog = 0;
  private whenDrawn: (() => void) | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private readonly stopListening: () => void;

  constructor(options: TerminalLineOptions) {
    this.options = options;
    this.status = { line: 'connecting', state: options.state, message: null, end: null, isFull: false };
    this.keyboard = new Keyboard(newUuid(), (frame) => this.line.send(frame));
    this.line = sessionLine(
      options.sessionId,
      {
        opened: () => this.onOpened(),
        event: (event) => this.onEvent(event),
        output: (chunk) => this.onOutput(chunk),
        lost: (why) => this.say({ line: why }),
        back: () => this.say({ line: 'open' }),
        refused: (error) => this.onRefused(error),
      },
      options.offset,
    );
    this.stopListening = onReturn({ online: () => this.onOnline(), visible: () => this.line.check() });
    this.line.open();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.patience);
    this.stopListening();
    this.line.close();
  }

  type(data: Uint8Array): void {
    if (!this.options.mayType || this.closed || this.status.end) return;
    this.keyboard.type(data);
    this.expectAnswer();
    this.noteFull();
  }

  resize(size: TerminalSize): void {
    if (this.options.mayType) this.line.send({ command: 'resize', ...size });
  }

  private onOpened(): void {
    this.keyboard.lineChanged();
    this.say({ line: 'open' });
    if (!this.options.mayType) return;
    this.line.send({ command: 'attach', client: this.keyboard.client, ...this.options.screen.size() });
    this.expectAnswer();
  }

  private onEvent(event: LineEvent): void {
    if (event.event === 'input') return this.onTaken(event);
    if (event.event === 'end') return this.onEnd(event);
    if (event.event === 'state' && !isEndState(event.state)) {
      this.say({ state: event.state, message: event.message ?? null });
    }
  }

  private onTaken(event: InputEvent): void {
    this.keyboard.onInput(event);
    clearTimeout(this.patience);
    this.patience = undefined;
    if (!this.keyboard.isEmpty) this.expectAnswer();
    this.noteFull();
  }

  private onEnd(end: EndEvent): void {
    this.say({ line: 'ended', state: end.state, end, message: end.message ?? null });
    this.close();
  }

  private onRefused(error: HoopError): void {
    this.say({ line: 'refused', message: error.message });
    this.close();
  }

  private onOutput(chunk: OutputChunk<Uint8Array>): Promise<void> | undefined {
    const { screen, mayType } = this.options;
    if (chunk.stream === 'resize' && !mayType) {
      const size = readSize(chunk.data);
      if (size) screen.resize(size);
    }
    if (!isOutput(chunk)) return undefined;
    this.backlog += chunk.data.length;
    void screen.write(chunk.data).then(() => this.onDrawn(chunk.data.length));
    if (this.backlog <= backlogBytes.most || this.whenDrawn) return undefined;
    return new Promise((resolve) => (this.whenDrawn = resolve));
  }

  private onDrawn(bytes: number): void {
    this.backlog -= bytes;
    if (this.backlog > backlogBytes.least) return;
    this.whenDrawn?.();
    this.whenDrawn = undefined;
  }

  /** Once for each wait: a program that reads nothing is no reason for one new line after the other. */
  private expectAnswer(): void {
    if (this.patience !== undefined || this.keyboard.isEmpty) return;
    this.patience = setTimeout(() => this.line.renew(), answerWithinMs);
  }

  private onOnline(): void {
    if (this.status.line === 'broken' || this.status.line === 'silent') this.line.renew();
  }

  private noteFull(): void {
    if (this.keyboard.isFull !== this.status.isFull) this.say({ isFull: this.keyboard.isFull });
  }

  private say(news: Partial<TerminalStatus>): void {
    if (this.closed) return;
    this.status = { ...this.status, ...news };
    this.options.onStatus(this.status);
  }
}
