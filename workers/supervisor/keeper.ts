import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

/** A process that is up and answers. */
export interface Running<T> {
  child: ChildProcess;
  details: T;
  stop(): Promise<void>;
}

export interface Part<T> {
  /** Short name; also that of its log file. */
  name: string;
  /** As people read it. */
  title: string;
  /** Starts it and waits until it is ready; cleans up after itself when it fails. */
  start(): Promise<Running<T>>;
}

const firstPauseMs = 500;
const longestPauseMs = 15_000;
/** Who ran that long has recovered: the next pause is short again. */
const steadyMs = 60_000;

/** Starts a part, and starts it again whenever it ends without being asked to. */
export class Keeper<T> {
  private running: Running<T> | undefined;
  private stopped = new AbortController();
  private restarting: Promise<void> | undefined;

  constructor(
    private readonly part: Part<T>,
    private readonly say: (line: string) => void,
  ) {}

  get name(): string {
    return this.part.name;
  }

  get pid(): number | undefined {
    return this.running?.child.pid;
  }

  /** The first start: its failure is the caller's. */
  async start(): Promise<T> {
    const running = await this.part.start();
    if (this.stopped.signal.aborted) await running.stop();
    else this.watch(running);
    return running.details;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.restarting;
    await this.running?.stop();
  }

  /** Kills at once; for whoever is asked a second time to hurry. */
  kill(): void {
    this.stopped.abort();
    const pid = this.pid;
    if (pid === undefined || this.running?.child.exitCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.running.child.kill('SIGKILL');
    }
  }

  private watch(running: Running<T>): void {
    this.running = running;
    const began = Date.now();
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
      if (this.stopped.signal.aborted) return;
      const pause = Date.now() - began > steadyMs ? firstPauseMs : this.nextPauseMs;
      this.say(`${this.part.title} ended (${signal ?? `exit status ${code}`}); starting it again`);
      this.restarting = this.restart(pause);
    };
    // It may have ended between its last sign of life and this line.
    if (running.child.exitCode !== null || running.child.signalCode !== null) {
      onExit(running.child.exitCode, running.child.signalCode);
    } else running.child.once('exit', onExit);
  }

  private nextPauseMs = firstPauseMs;

  private async restart(pauseMs: number): Promise<void> {
    for (let pause = pauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      this.nextPauseMs = Math.min(pause * 2, longestPauseMs);
      await wait(pause, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      if (this.stopped.signal.aborted) return;
      try {
        const running = await this.part.start();
        this.say(`${this.part.title} is up again`);
        this.watch(running);
        return;
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        this.say(`${this.part.title} could not be started: ${problem}`);
      }
    }
  }
}
