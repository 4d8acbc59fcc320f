/** Ctrl-C as people press it. */

/**
 * `npx` passes on a SIGINT that the terminal has already sent to all of its foreground processes. Two signals closer
 * together than fingers are count as one.
 */
const oneWithinMs = 200;

export class CtrlC {
  /** How often it was pressed so far. */
  count = 0;
  private lastAt = Number.NEGATIVE_INFINITY;
  private handler: () => void;

  constructor(handler: () => void) {
    this.handler = handler;
    process.on('SIGINT', () => {
      const now = performance.now();
      const same = now - this.lastAt < oneWithinMs;
      this.lastAt = now;
      if (same) return;
      this.count += 1;
      this.handler();
    });
  }

  /** From now on `handler`; what was pressed before is told by `count`. */
  goesTo(handler: () => void): void {
    this.handler = handler;
  }

  /** From now on `handler`, as if it had never been pressed. */
  startsAnew(handler: () => void): void {
    this.count = 0;
    this.handler = handler;
  }
}
