/** This replica's share of the app's ten sockets: taken before a connection is opened, given back once it is closed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Core } from '#core/context.ts';
import {
  ownSockets,
  releaseSockets,
  takeSockets,
  takeSpareSocket,
  type SocketHolder,
  type Taken,
} from '#core/slack-sockets.ts';

export interface SocketLeaseOptions {
  core: Pick<Core, 'db'>;
  holder: SocketHolder;
  log: Logger;
}

/** A lease that ends is not over before its last millisecond. */
const afterEndMs = 50;
/** While Postgres does not answer; its notices wake whoever waits otherwise. */
const databaseAwayMs = 2_000;

export class SocketLease {
  private readonly held = new Set<number>();
  private readonly wakers = new Set<() => void>();
  private readonly options: SocketLeaseOptions;
  /** Told which slots are no longer this replica's: its connections have to go. */
  onLost: (slots: ReadonlySet<number>) => void = () => undefined;

  constructor(options: SocketLeaseOptions) {
    this.options = options;
  }

  /**
   * Waits for the two slots of a replica; null when `signal` says to stop. `onWaiting` is called when other replicas
   * hold them all, and with the problem when Postgres does not answer.
   */
  async take(signal: AbortSignal, onWaiting: (problem: unknown) => void): Promise<number[] | null> {
    while (!signal.aborted) {
      const news = this.news(signal);
      let pause: number | null;
      try {
        const taken: Taken = await takeSockets(this.options.core, this.options.holder);
        if (taken.slots) {
          taken.slots.forEach((slot) => this.held.add(slot));
          if (!signal.aborted) return taken.slots;
          await this.giveBack(taken.slots);
          return null;
        }
        pause = taken.leaseEndsInMs === null ? null : Math.max(0, taken.leaseEndsInMs) + afterEndMs;
        onWaiting(null);
      } catch (error) {
        pause = databaseAwayMs;
        onWaiting(error);
      }
      const over = new AbortController();
      await Promise.race([news, ...(pause === null ? [] : [waited(pause, over.signal)])]);
      over.abort();
    }
    return null;
  }

  /** One more beside the two, or null when there is none just now, or nobody can tell. */
  async takeSpare(): Promise<number | null> {
    try {
      const slot = await takeSpareSocket(this.options.core, this.options.holder);
      if (slot !== null) this.held.add(slot);
      return slot;
    } catch (error) {
      this.options.log.warn({ err: error }, 'no slot for a socket of Slack while the database is away');
      return null;
    }
  }

  /** A slot that cannot be given back comes free with the gateway's lease. */
  async giveBack(slots: number[]): Promise<void> {
    const own = slots.filter((slot) => this.held.delete(slot));
    try {
      await releaseSockets(this.options.core, this.options.holder, own);
    } catch (error) {
      this.options.log.warn({ err: error, slots: own }, 'slots of sockets of Slack not given back');
    }
  }

  /**
   * The gateway's lease was renewed, or a notice came: who waits looks again, and what others took meanwhile is lost.
   * While Postgres does not answer nothing is lost: nobody else gets a slot from it either, as far as this replica can
   * tell, and people who click have to be told that nothing can be decided now.
   */
  async check(): Promise<void> {
    [...this.wakers].forEach((wake) => wake());
    if (this.held.size === 0) return;
    const before = [...this.held];
    try {
      const own = await ownSockets(this.options.core, this.options.holder);
      const lost = new Set(before.filter((slot) => this.held.has(slot) && !own.has(slot)));
      if (lost.size === 0) return;
      lost.forEach((slot) => this.held.delete(slot));
      this.onLost(lost);
    } catch (error) {
      this.options.log.warn({ err: error }, 'slots of sockets of Slack not checked');
    }
  }

  /** Resolves with the next `check`, or when `signal` says to stop. */
  news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.wakers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

export async function waited(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
