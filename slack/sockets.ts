/**
 * hoop's own receiver for Bolt: two Socket Mode connections feed one app, so that a refresh of one loses no click. Both
 * are leased (`socket-lease.ts`): a replica that gets none waits for its turn and serves everything else meanwhile.
 */
import type { App, Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { slackFailure, type SlackFailure } from '#core/slack-client.ts';
import { openConnection, SentAwayError, type Incoming, type SlackConnection } from './socket-connection.ts';
import { waited, type SocketLease } from './socket-lease.ts';

export interface SocketsStatus {
  open: number;
  /** Other replicas hold all the sockets that the app may have. */
  waiting: boolean;
  /** Why one could not be opened. */
  failure: SlackFailure | null;
}

export interface SocketsOptions {
  /** Asked for each new connection: those that are open outlive a change of tokens. */
  appToken: () => string;
  apiUrl: string;
  lease: SocketLease;
  log: Logger;
  /** Pauses after failures, the last one for ever. */
  retryDelaysMs?: readonly number[];
  /**
   * Pause between opening two: Slack ends each after about the same time, and the next has to be there when the second
   * one goes.
   */
  staggerMs?: number;
  /** How long a connection that Slack announced to end is kept after its successor is open, unless Slack ends it. */
  lingerMs?: number;
  helloTimeoutMs?: number;
  /** Called on every change. */
  onStatus: (status: SocketsStatus) => void;
}

const defaultDelays = [100, 500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
const defaultStaggerMs = 3_000;
/** Slack warns 10 s ahead. What it sends at the moment in which hoop closes could not be acknowledged, so Slack closes. */
const defaultLingerMs = 12_000;
const defaultHelloTimeoutMs = 15_000;
/** A connection that Slack announced to end and never does is ended here. */
const leaveWithinMs = 15_000;
/** A decision has 2 s until it is acknowledged; the whole process stops within 8. */
const graceMs = 2_500;
/** A connection that lived shorter counts as a failure: replacing it at once could go on for ever. */
const briefMs = 5_000;

export class SlackSockets implements Receiver {
  private app: App | undefined;
  private readonly open = new Set<SlackConnection>();
  private readonly stopped = new AbortController();
  private serving: Promise<void> = Promise.resolve();
  private opening: Promise<unknown> = Promise.resolve();
  private lastOpened = 0;
  /** Slack asked to be left alone until then. */
  private notBefore = 0;
  private waiting = false;
  private failure: SlackFailure | null = null;
  private readonly options: SocketsOptions;

  constructor(options: SocketsOptions) {
    this.options = options;
  }

  init(app: App): void {
    this.app = app;
  }

  /** Resolves once the first connection is open, or `stop` was called; until then it keeps trying. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.serving = this.serve(resolve).finally(resolve);
    });
  }

  /** Lets payloads at work finish and be acknowledged, closes, and gives the sockets back. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.serving;
  }

  /** From one lease to the next: what others took after this replica's lease ran out is closed here. */
  private async serve(onFirst: () => void): Promise<void> {
    const { lease, log } = this.options;
    const stop = this.stopped.signal;
    while (!stop.aborted) {
      const slots = await lease.take(stop, (problem) => this.waits(problem));
      if (!slots) return;
      this.waiting = false;
      const lost = new AbortController();
      lease.onLost = (which) => {
        log.warn({ slots: [...which] }, 'sockets of Slack lost with the lease');
        lost.abort();
      };
      const signal = AbortSignal.any([stop, lost.signal]);
      await Promise.all(slots.map((slot) => this.keep(slot, signal, onFirst)));
    }
  }

  private waits(problem: unknown): void {
    if (problem === null && !this.waiting) {
      this.options.log.info('other replicas hold the sockets of Slack; this one serves everything else and waits');
    }
    this.waiting = problem === null;
    if (problem !== null) this.failure = { kind: 'unavailable', message: 'The database does not answer' };
    this.tell();
  }

  /**
   * One slot: a connection, and another as soon as Slack ends it. hoop ends none itself while it may hold it, before
   * the next one is open: what Slack sends at that moment would be lost.
   */
  private async keep(first: number, signal: AbortSignal, onFirst: () => void): Promise<void> {
    let slot = first;
    let failures = 0;
    let replaced: () => void = () => undefined;
    const retiring: Promise<void>[] = [];
    const over = aborted(signal);
    while (!signal.aborted) {
      let connection: SlackConnection;
      try {
        connection = await this.openInTurn(signal);
      } catch (error) {
        if (signal.aborted) break;
        this.failed(error);
        await waited(this.pauseAfter(failures), signal);
        failures += 1;
        continue;
      }
      replaced();
      onFirst();
      const leaving = await Promise.race([connection.leaving, over]);
      if (leaving === 'aborted') {
        await connection.close(graceMs);
        break;
      }
      failures = Date.now() - connection.openedAt < briefMs ? failures + 1 : 0;
      if (leaving !== 'gone') {
        this.announced(leaving.announced);
        const spare = await this.spareOrOwn(connection, signal);
        if (spare !== null) {
          const successor = new Promise<void>((resolve) => (replaced = resolve));
          retiring.push(this.retire(connection, slot, successor, over));
          slot = spare;
        }
      }
      if (failures > 0) await waited(this.pauseAfter(failures - 1), signal);
    }
    await Promise.all(retiring);
    await this.options.lease.giveBack([slot]);
  }

  /** A slot for the successor, or null once the connection is gone and its own slot is free. */
  private async spareOrOwn(connection: SlackConnection, signal: AbortSignal): Promise<number | null> {
    const over = new AbortController();
    const end = Promise.race([connection.gone, waited(leaveWithinMs, AbortSignal.any([signal, over.signal]))]);
    const ended = end.then(() => 'ended' as const);
    try {
      for (;;) {
        const news = this.options.lease.news(AbortSignal.any([signal, over.signal]));
        const spare = signal.aborted ? null : await this.options.lease.takeSpare();
        if (spare !== null) return spare;
        if ((await Promise.race([ended, news])) === 'ended' || signal.aborted) break;
      }
    } finally {
      over.abort();
    }
    await connection.close(graceMs);
    return null;
  }

  private async retire(
    connection: SlackConnection,
    slot: number,
    successor: Promise<void>,
    over: Promise<unknown>,
  ): Promise<void> {
    const gone = Promise.race([connection.gone, over]);
    await Promise.race([successor, gone]);
    const lingering = new AbortController();
    await Promise.race([waited(this.options.lingerMs ?? defaultLingerMs, lingering.signal), gone]);
    lingering.abort();
    await connection.close(graceMs);
    await this.options.lease.giveBack([slot]);
  }

  private openInTurn(signal: AbortSignal): Promise<SlackConnection> {
    const open = async (): Promise<SlackConnection> => {
      const apart = this.open.size > 0 ? this.lastOpened + (this.options.staggerMs ?? defaultStaggerMs) : 0;
      const pause = Math.max(apart, this.notBefore) - Date.now();
      if (pause > 0) await waited(pause, signal);
      const connection = await this.connect(signal);
      this.lastOpened = Date.now();
      return connection;
    };
    const turn = this.opening.then(open, open);
    this.opening = turn.catch(() => undefined);
    return turn;
  }

  private async connect(signal: AbortSignal): Promise<SlackConnection> {
    signal.throwIfAborted();
    const { appToken, apiUrl, log, helloTimeoutMs = defaultHelloTimeoutMs } = this.options;
    const onPayload = (incoming: Incoming) => this.process(incoming);
    const connection = await openConnection({ appToken: appToken(), apiUrl, log, helloTimeoutMs, onPayload }, signal);
    this.open.add(connection);
    this.failure = null;
    this.tell();
    void connection.gone.then(() => {
      this.open.delete(connection);
      this.tell();
    });
    return connection;
  }

  private pauseAfter(failures: number): number {
    const delays = this.options.retryDelaysMs ?? defaultDelays;
    return delays[Math.min(failures, delays.length - 1)] ?? 1_000;
  }

  private announced(reason: string): void {
    const failure = failureOfEnd(reason);
    if (!failure) return;
    this.failure = failure;
    this.tell();
  }

  private failed(error: unknown): void {
    const ofEnd = error instanceof SentAwayError ? failureOfEnd(error.reason) : null;
    this.failure = ofEnd ?? slackFailure(error);
    if (this.failure.kind === 'rate_limited') this.notBefore = Date.now() + this.failure.retryAfterSeconds * 1_000;
    this.tell();
  }

  /** Says how things are. */
  tell(): void {
    const { open, waiting, failure } = this;
    if (!this.stopped.signal.aborted) this.options.onStatus({ open: open.size, waiting, failure });
  }

  private async process(incoming: Incoming): Promise<void> {
    const { log } = this.options;
    let acknowledged = false;
    const ack = async (response?: unknown): Promise<void> => {
      if (acknowledged) return;
      acknowledged = true;
      try {
        await incoming.ack(typeof response === 'string' ? { text: response } : (response as object | undefined));
      } catch (error) {
        // the line went first: what the listener did stands, and it must go on
        log.warn({ err: error }, 'slack payload not acknowledged');
      }
    };
    try {
      await this.app?.processEvent({
        body: incoming.body,
        ack,
        ...(incoming.retry_num === undefined ? {} : { retryNum: incoming.retry_num }),
        ...(incoming.retry_reason === undefined ? {} : { retryReason: incoming.retry_reason }),
      });
    } catch (error) {
      log.error({ err: error }, 'slack payload failed');
    }
  }
}

/** `refresh_requested` and `warning` are the regular end of a connection; these are not. */
function failureOfEnd(reason: string): SlackFailure | null {
  if (reason === 'link_disabled') {
    return { kind: 'refused', code: reason, needed: undefined, message: reason };
  }
  if (reason !== 'too_many_websockets') return null;
  const message =
    'Slack has ten connections of this app already (too_many_websockets): another program uses its app token too';
  return { kind: 'unavailable', message };
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}
