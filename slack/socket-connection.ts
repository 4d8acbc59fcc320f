/**
 * One Socket Mode connection, from `apps.connections.open` to its end.
 *
 * The SDK's own reconnection waits 5 s and more before each try, repeats some refusals for ever without telling, and
 * ends the process with an unhandled rejection on others. So it is switched off, and every connection that ends is
 * replaced by a new client (`sockets.ts`). Nor does the SDK close at Slack's announcement: it would drop what is
 * being worked on unacknowledged.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SocketModeClient } from '@slack/socket-mode';
import type { Logger } from 'pino';
import { parseJson } from '#shared/parse-json.ts';
import { slackClientOptions, slackLogger } from '#core/slack-client.ts';
import { waited } from './socket-lease.ts';

/** A payload as the SDK hands it over. */
export interface Incoming {
  ack: (response?: object) => Promise<void>;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
}

export interface ConnectionOptions {
  appToken: string;
  apiUrl: string;
  log: Logger;
  /** Slack says hello at once; a connection without it is of no use. */
  helloTimeoutMs: number;
  /** Resolves once the payload is dealt with. */
  onPayload: (incoming: Incoming) => Promise<void>;
}

/** Slack's reason (`refresh_requested`, `warning`, `link_disabled`, `too_many_websockets`), or that it is gone. */
export type Leaving = { announced: string } | 'gone';

export interface SlackConnection {
  openedAt: number;
  /** Slack says that it will end it, or it has ended. */
  leaving: Promise<Leaving>;
  gone: Promise<void>;
  /** Lets payloads at work be acknowledged (at most `graceMs`), closes, and finishes what came meanwhile. */
  close(graceMs: number): Promise<void>;
}

/** Slack ended a connection that was never of use, or one it does not want any more. */
export class SentAwayError extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`Slack ended the connection: ${reason}`);
    this.reason = reason;
  }
}

const closeTimeoutMs = 2_000;

/** Hands Slack's announcement over, where the SDK would close at once. */
class PatientClient extends SocketModeClient {
  private readonly heard: { onAnnounced?: (reason: string) => void; log?: Logger } = {};

  listen(log: Logger, onAnnounced: (reason: string) => void): void {
    Object.assign(this.heard, { log, onAnnounced });
  }

  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    const reason = isBinary ? undefined : announcedEnd(data);
    if (reason !== undefined) return this.heard.onAnnounced?.(reason);
    try {
      await super.onWebSocketMessage(data, isBinary);
    } catch (error) {
      this.heard.log?.warn({ err: error }, 'frame of Slack not understood');
    }
  }
}

/** Throws what `apps.connections.open` answered, `SentAwayError`, or that no hello came. */
export async function openConnection(options: ConnectionOptions, signal: AbortSignal): Promise<SlackConnection> {
  const { appToken, apiUrl, log, helloTimeoutMs, onPayload } = options;
  const working = new Set<Promise<void>>();
  const client = new PatientClient({
    appToken,
    autoReconnectEnabled: false,
    logger: slackLogger(log),
    clientOptions: slackClientOptions(apiUrl, log),
  });
  client.on('slack_event', (incoming: Incoming) => {
    const work = onPayload(incoming).finally(() => working.delete(work));
    working.add(work);
  });
  const announced = new Promise<{ announced: string }>((resolve) =>
    client.listen(log, (reason) => resolve({ announced: reason })),
  );
  const gone = new Promise<void>((resolve) => client.on('disconnected', () => resolve()));
  const close = async (graceMs: number): Promise<void> => {
    await settled(working, graceMs);
    const left = client.disconnect().catch(() => undefined);
    await Promise.race([left, delay(closeTimeoutMs, undefined, { ref: false })]);
    await settled(working, graceMs);
  };
  try {
    await untilHello(client.start(), announced, helloTimeoutMs, signal);
  } catch (error) {
    // the SDK goes on opening what was given up: it is closed as soon as there is something to close
    client.on('connecting', () => setImmediate(() => void close(0)));
    void close(0);
    throw error ?? new Error('Slack closed the connection before it was ready');
  }
  return { openedAt: Date.now(), leaving: Promise.race([announced, gone.then(() => 'gone' as const)]), gone, close };
}

async function untilHello(
  started: Promise<unknown>,
  announced: Promise<{ announced: string }>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const timeUp = async (): Promise<never> => {
    await waited(timeoutMs, AbortSignal.any([over.signal, signal]));
    throw new Error(`Slack did not say hello within ${timeoutMs / 1000} s`);
  };
  const sentAway = announced.then((leaving) => Promise.reject(new SentAwayError(leaving.announced)));
  try {
    await Promise.race([started, sentAway, timeUp()]);
  } finally {
    over.abort();
  }
}

async function settled(working: ReadonlySet<Promise<void>>, atMostMs: number): Promise<void> {
  if (working.size === 0) return;
  const over = new AbortController();
  await Promise.race([Promise.allSettled([...working]), waited(atMostMs, over.signal)]);
  over.abort();
}

/** The reason in the frame by which Slack announces every regular end. */
function announcedEnd(data: string | ArrayBuffer): string | undefined {
  if (typeof data !== 'string' || data.length > 1_000) return undefined;
  const frame = parseJson(data) as { type?: unknown; reason?: unknown } | null | undefined;
  if (frame?.type !== 'disconnect') return undefined;
  return typeof frame.reason === 'string' ? frame.reason : 'disconnect';
}
