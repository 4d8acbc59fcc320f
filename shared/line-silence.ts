/** In heartbeats. */
const leastBorne = 2;
/** Nobody waits longer for a line that is dead after all. */
const mostBorne = 8;

/**
 * Whether a line still lives whose end nobody says: the machine slept, a NAT forgot it, a proxy froze. The gateway
 * promises a heartbeat to who asks for it (`?heartbeat=`); nothing heard for two of them means that the line is dead.
 * A slow line is no dead one: what is on its way may take longer than that, so after each silence the next line is given
 * twice the time, until one has lived for as long as it takes to hear a second heartbeat.
 */
export class LineSilence {
  private readonly onSilent: () => void;
  private everyMs: number;
  private promised = false;
  /** Heartbeats' worth of silence that is borne. */
  private borne = leastBorne;
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
    if (this.promised) this.borne = leastBorne; // the first comes at once, before anything that may be slow
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
    const patience = this.borne * this.everyMs;
    const left = this.heardAt + patience - Date.now();
    // a clock that was set back must not make the wait longer
    if (left > 0) {
      this.timer = setTimeout(() => this.watch(), Math.min(left, patience));
    } else {
      this.borne = Math.min(2 * this.borne, mostBorne);
      this.onSilent();
    }
  }
}
