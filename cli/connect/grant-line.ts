/** The line to a grant: until it is active, and from then on to its end. */
import type { SessionView } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import type { StateEvent } from '#shared/stream-events.ts';
import type { ApiClient } from '../client.ts';
import { Follower } from '../exec/follow.ts';
import type { Sink } from '../exec/sink.ts';
import { say } from '../terminal.ts';
import { extendedText, grantedText, lastMinuteText } from './words.ts';

const lastMinuteMs = 60_000;
const momentMs = 5000;
/** What a timer can hold. */
const longestTimerMs = 2 ** 31 - 1;

export interface GrantLineOptions {
  silent: boolean;
  /** It was active when it was found, and that was said. */
  isKnown: boolean;
}

export class GrantLine {
  /** ISO time until which it lasts, as far as is known. */
  until: string | null;
  /** It has ended, or is about to: no more is opened under it. */
  isOver = false;
  /** Resolves with the exit status that its end has. */
  readonly ended: Promise<number>;
  /** Where words about it go. */
  say: (text: string) => void = say;
  /** Called when `isOver`. */
  onOver: () => void = () => undefined;
  private readonly view: SessionView;
  private readonly options: GrantLineOptions;
  private readonly follower: Follower;
  private readonly active: Promise<void>;
  private lastMinute: NodeJS.Timeout | undefined;
  private isActive = false;
  private becomesActive: () => void = () => undefined;
  private isBeside = false;

  constructor(client: ApiClient, view: SessionView, sink: Sink, options: GrantLineOptions) {
    this.view = view;
    this.options = options;
    this.until = view.activeUntil;
    this.active = new Promise((resolve) => (this.becomesActive = resolve));
    const events: Sink = {
      output: () => undefined,
      event: (event) => (this.isBeside ? undefined : sink.event(event)),
    };
    this.follower = new Follower(client, view, events, {
      silent: options.silent,
      waitMs: null,
      timeoutGiven: false,
      say: (text) => this.say(text),
      onState: (event) => this.onState(event),
      isBeside: () => this.isBeside,
    });
    this.ended = this.follower.run().finally(() => this.closes());
  }

  /** Its time is over by this clock, give or take a moment: the agent may have ended first what ran under it. */
  get isAboutOver(): boolean {
    return this.until !== null && Date.parse(this.until) - Date.now() < momentMs;
  }

  /** Null once it is active; the exit status when it ended before. */
  async untilActive(): Promise<number | null> {
    const status = await Promise.race([this.active.then(() => null), this.ended]);
    // over before anything could be run under it
    return status === exitCodes.ok ? exitCodes.expired : status;
  }

  /** A run under it is followed from now on: this one says when the grant ends, and nothing else. */
  besides(): void {
    this.isBeside = true;
  }

  /** Ctrl-C while it waits. */
  onInterrupt(): void {
    this.follower.onInterrupt();
  }

  /** Follows no longer; the grant goes on. */
  stop(): void {
    this.follower.stop();
  }

  private onState(event: StateEvent): void {
    if (event.state === 'closing') return this.closes();
    if (event.state !== 'active') return;
    const before = this.until;
    this.until = event.activeUntil ?? before;
    if (!this.isActive && !this.options.isKnown) this.tell(grantedText(this.view, event));
    else if (this.until !== before) this.tell(extendedText(this.view, this.until));
    this.isActive = true;
    this.announceEnd();
    this.becomesActive();
  }

  private announceEnd(): void {
    clearTimeout(this.lastMinute);
    if (this.until === null) return;
    const { until } = this;
    const inMs = Date.parse(until) - lastMinuteMs - Date.now();
    // Less than a minute from its beginning: that was said.
    if (inMs <= 0 || inMs > longestTimerMs) return;
    this.lastMinute = setTimeout(() => this.tell(lastMinuteText(this.view, until)), inMs);
  }

  private closes(): void {
    clearTimeout(this.lastMinute);
    this.isOver = true;
    this.onOver();
  }

  private tell(text: string): void {
    if (!this.options.silent) this.say(text);
  }
}
