/**
 * hoop's own receiver for Bolt: two Socket Mode connections feed one app, so that a refresh of one loses no click.
 *
 * The SDK's own reconnection waits 5 s and more before each try, repeats some refusals for ever without telling, and
 * ends the process with an unhandled rejection on others. So it is switched off, and every connection that ends is
 * replaced by a new client here.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { App, Receiver } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { Logger } from 'pino';
import { slackClientOptions, slackFailure, slackLogger, type SlackFailure } from '#core/slack-client.ts';

export interface SocketsOptions {
  /** Asked for each new connection: those that are open outlive a change of tokens. */
  appToken: () => string;
  apiUrl: string;
  log: Logger;
  /** Connections kept open; Slack allows ten an app and sends each payload to one of them. */
  count?: number;
  /** Pauses after failures, the last one for ever. */
  retryDelaysMs?: readonly number[];
  /**
   * Pause between opening two: Slack ends each after about the same time, and the next has to be there when the second
   * one goes.
   */
  staggerMs?: number;
  /** Called on every change: how many are open, and why one could not be opened. */
  onStatus: (open: number, failure: SlackFailure | null) => void;
}

/** Slack says hello at once; a connection without it is of no use. */
const helloTimeoutMs = 15_000;
const closeTimeoutMs = 2_000;
const defaultDelays = [100, 500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
const defaultStaggerMs = 3_000;

/** A payload as the SDK hands it over. */
interface Incoming {
  ack: (response?: object) => Promise<void>;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
}

interface Connection {
  client: SocketModeClient;
  /** Slack ended it, or said that it is about to. */
  ended: Promise<void>;
}

export class SlackSockets implements Receiver {
  private app: App | undefined;
  private readonly open = new Set<Connection>();
  private readonly working = new Set<Promise<void>>();
  private readonly stopped = new AbortController();
  private loops: Promise<void>[] = [];
  private opening: Promise<unknown> = Promise.resolve();
  private lastOpened = 0;
  private failure: SlackFailure | null = null;
  private readonly gone = aborted(this.stopped.signal);
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
      void this.gone.then(resolve);
      const count = this.options.count ?? 2;
      this.loops = Array.from({ length: count }, () => this.keep(() => resolve()));
    });
  }

  /** Lets payloads at work finish and be acknowledged (at most `graceMs`), closes, and finishes what came meanwhile. */
  async stop(graceMs = 5_000): Promise<void> {
    this.stopped.abort();
    await this.idle(graceMs);
    await Promise.all([...this.open].map(close));
    await Promise.all(this.loops);
    await this.idle(graceMs);
  }

  private async idle(atMostMs: number): Promise<void> {
    const done = new AbortController();
    await Promise.race([Promise.allSettled([...this.working]), waited(atMostMs, done.signal)]);
    done.abort();
  }

  /**
   * One slot: a connection, and another as soon as Slack ends it. hoop ends none itself while it runs, as what Slack
   * sends at that moment would be lost.
   */
  private async keep(onFirst: () => void): Promise<void> {
    const { signal } = this.stopped;
    const delays = this.options.retryDelaysMs ?? defaultDelays;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const connection = await this.openInTurn();
        if (signal.aborted) return await close(connection);
        failures = 0;
        onFirst();
        await Promise.race([connection.ended, this.gone]);
        if (!signal.aborted) void close(connection);
      } catch (error) {
        this.failed(error);
        const pause = delays[Math.min(failures, delays.length - 1)] ?? 1_000;
        failures += 1;
        await waited(pause, signal);
      }
    }
  }

  private openInTurn(): Promise<Connection> {
    const open = async (): Promise<Connection> => {
      const since = Date.now() - this.lastOpened;
      const stagger = this.options.staggerMs ?? defaultStaggerMs;
      if (this.open.size > 0 && since < stagger) await waited(stagger - since, this.stopped.signal);
      const connection = await this.connect();
      this.lastOpened = Date.now();
      return connection;
    };
    const turn = this.opening.then(open, open);
    this.opening = turn.catch(() => undefined);
    return turn;
  }

  private async connect(): Promise<Connection> {
    const { appToken, apiUrl, log } = this.options;
    const client = new SocketModeClient({
      appToken: appToken(),
      autoReconnectEnabled: false,
      logger: slackLogger(log),
      clientOptions: slackClientOptions(apiUrl, log),
    });
    client.on('slack_event', (incoming: Incoming) => this.take(incoming));
    const ended = new Promise<void>((resolve) => {
      client.on('disconnected', () => resolve());
      client.on('ws_message', (data: unknown) => {
        if (isDisconnectFrame(data)) resolve();
      });
    });
    const done = new AbortController();
    const started = client.start();
    try {
      await Promise.race([
        started,
        waited(helloTimeoutMs, AbortSignal.any([done.signal, this.stopped.signal])).then(() =>
          Promise.reject(new Error('Slack did not say hello')),
        ),
      ]);
    } catch (error) {
      // the SDK goes on opening what was given up: close it when it is there
      started.then(
        () => close({ client, ended }),
        () => undefined,
      );
      throw error ?? new Error('Slack closed the connection before it was ready');
    } finally {
      done.abort();
    }
    const connection = { client, ended };
    this.open.add(connection);
    this.failure = null;
    this.tell();
    void ended.then(() => {
      this.open.delete(connection);
      this.tell();
    });
    return connection;
  }

  private failed(error: unknown): void {
    this.failure = slackFailure(error);
    this.tell();
  }

  private tell(): void {
    if (!this.stopped.signal.aborted) this.options.onStatus(this.open.size, this.failure);
  }

  private take(incoming: Incoming): void {
    const work = this.process(incoming).finally(() => this.working.delete(work));
    this.working.add(work);
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

async function close({ client }: Connection): Promise<void> {
  const gone = client.disconnect().catch(() => undefined);
  await Promise.race([gone, delay(closeTimeoutMs, undefined, { ref: false })]);
}

/** Slack announces every regular end: the next connection is opened while this one is still closing. */
function isDisconnectFrame(data: unknown): boolean {
  if (typeof data !== 'string' || data.length > 1_000) return false;
  try {
    return (JSON.parse(data) as { type?: unknown } | null)?.type === 'disconnect';
  } catch {
    return false;
  }
}

async function waited(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
