/**
 * Whether a line still lives whose end nobody says: the machine slept, a NAT forgot it, a proxy froze. The gateway
 * promises a heartbeat to who asks for it (`?heartbeat=`); nothing heard for two of them means that the line is dead.
 */
export class LineSilence {
  private readonly onSilent: () => void;
  private everyMs: number;
  private promised = false;
  /** By the clock on the wall: that of the machine may stand still while it sleeps, and timers with it. */
  private heardAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `wishedSeconds`: what the gateway is asked for, and believed to keep until it says what it does. */
  constructor(wishedSeconds: number, onSilent: () => void) {
    this.everyMs = wishedSeconds * 1000;
    this.onSilent = onSilent;
  }

  /** A connection is made: that it never says a word counts too. */
  begins(): void {
    this.promised = false;
    this.heardAt = Date.now();
    this.watch();
  }

  /** Anything came. A gateway that knows no heartbeat may be silent for as long as it likes. */
  heard(): void {
    this.heardAt = Date.now();
    if (!this.promised) this.stop();
  }

  /** A heartbeat came, which says when the next does. */
  beat(everySeconds: number): void {
    this.promised = true;
    this.everyMs = everySeconds * 1000;
    this.heardAt = Date.now();
    this.watch();
  }

  /** Looks at once: for when the page or the machine was away. */
  check(): void {
    if (this.timer !== undefined) this.watch();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private watch(): void {
    this.stop();
    const patience = 2 * this.everyMs;
    const left = this.heardAt + patience - Date.now();
    // a clock that was set back must not make the wait longer
    if (left > 0) this.timer = setTimeout(() => this.watch(), Math.min(left, patience));
    else this.onSilent();
  }
}
