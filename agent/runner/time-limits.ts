/** How long a run may last, and how long a terminal may be still. */

export interface TimeLimits {
  /** The process is there: the clock of the run begins. */
  begin(): void;
  /** It may run so many seconds from now on, but no longer than it was ordered for in all. */
  limit(seconds: number): void;
  /** Input or output. */
  active(): void;
  clear(): void;
}

export interface TimeLimitOptions {
  startedAt: number;
  /** Seconds; 0 for no limit. */
  maxRuntimeSeconds: number;
  /** The limit that `limit` leaves as it is; 0: none. */
  ownRuntimeSeconds: number;
  /** 0 for no limit. */
  idleSeconds: number;
  onOver(reason: 'run_time' | 'idle', message: string): void;
}

const maxTimerMs = 2 ** 31 - 1;

export function createTimeLimits(options: TimeLimitOptions): TimeLimits {
  const { startedAt, onOver } = options;
  let runTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let lastActive = startedAt;
  let hasBegun = false;
  /** What came before the run began, and when. */
  let early: { seconds: number; at: number } | undefined;

  function stopAfter(seconds: number): void {
    const ranSeconds = Math.round((performance.now() - startedAt) / 1000);
    stopAt(performance.now() + seconds * 1000, `ran longer than ${ranSeconds + seconds} s`);
  }

  /** `time`: of `performance.now`, further away perhaps than a timer reaches. */
  function stopAt(time: number, message: string): void {
    const leftMs = Math.ceil(time - performance.now());
    clearTimeout(runTimer);
    runTimer =
      leftMs > maxTimerMs
        ? setTimeout(() => stopAt(time, message), maxTimerMs)
        : setTimeout(() => onOver('run_time', message), leftMs);
  }

  function watchIdle(): void {
    const leftMs = lastActive + options.idleSeconds * 1000 - performance.now();
    // what happens in between only moves `lastActive`
    if (leftMs > 0) idleTimer = setTimeout(watchIdle, Math.min(Math.ceil(leftMs), maxTimerMs));
    else onOver('idle', `without input and output for ${options.idleSeconds} s`);
  }

  function limit(seconds: number): void {
    if (!hasBegun) early = { seconds, at: performance.now() };
    if (runTimer === undefined) return;
    const own = options.ownRuntimeSeconds || Infinity;
    const ran = Math.floor((performance.now() - startedAt) / 1000);
    stopAfter(Math.max(0, Math.min(seconds, own - ran)));
  }

  return {
    begin() {
      hasBegun = true;
      if (options.maxRuntimeSeconds > 0) stopAfter(options.maxRuntimeSeconds);
      if (early !== undefined) limit(early.seconds - Math.floor((performance.now() - early.at) / 1000));
      lastActive = performance.now();
      if (options.idleSeconds > 0) watchIdle();
    },
    limit,
    active: () => (lastActive = performance.now()),
    clear() {
      clearTimeout(runTimer);
      clearTimeout(idleTimer);
    },
  };
}
