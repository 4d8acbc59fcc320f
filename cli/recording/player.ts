/** Plays a recording with its timing. */
import { setTimeout as wait } from 'node:timers/promises';
import { isOutput, type OutputChunk, type OutputStream } from '#shared/output-frame.ts';
import { Pacing, type PacingOptions } from '#shared/recording.ts';

export interface PlayerOptions extends PacingOptions {
  /** A promise asks to wait until it resolves. */
  show(stream: OutputStream, data: Buffer): Promise<unknown> | undefined;
}

export class Player {
  private readonly options: PlayerOptions;
  private readonly stopping = new AbortController();
  /** When it was paused, by `performance.now()`. */
  private pausedAt: number | undefined;
  private resumed: Promise<void> = Promise.resolve();
  private goOn: () => void = () => undefined;
  private began = 0;

  constructor(options: PlayerOptions) {
    this.options = options;
  }

  /** Resolves at the end of the recording, or once it is stopped. */
  async play(chunks: AsyncIterable<OutputChunk>): Promise<void> {
    const pacing = new Pacing(this.options);
    this.began = performance.now();
    for await (const chunk of chunks) {
      if (!isOutput(chunk)) continue;
      await this.until(pacing.dueAt(chunk.at));
      if (this.isStopped) return;
      await this.options.show(chunk.stream, chunk.data);
      if (this.isStopped) return;
    }
  }

  /** Pauses, or goes on. */
  togglePause(): void {
    if (this.pausedAt === undefined) {
      this.pausedAt = performance.now();
      this.resumed = new Promise((resolve) => (this.goOn = resolve));
      return;
    }
    this.began += performance.now() - this.pausedAt;
    this.pausedAt = undefined;
    this.goOn();
  }

  stop(): void {
    this.stopping.abort();
    this.goOn();
  }

  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /** `due`: milliseconds since it began, pauses of the one who watches not counted. */
  private async until(due: number): Promise<void> {
    for (;;) {
      if (this.isStopped) return;
      await this.resumed;
      const left = this.began + due - performance.now();
      if (left <= 0 && this.pausedAt === undefined) return;
      await wait(Math.min(Math.max(left, 0), 2 ** 31 - 1), undefined, { signal: this.stopping.signal }).catch(
        () => undefined,
      );
    }
  }
}
