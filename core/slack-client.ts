/** The Web API client hoop uses everywhere: it never retries by itself, since whoever calls knows better when to. */
import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type Logger as SlackLogger,
  type WebClientOptions,
} from '@slack/web-api';
import type { Logger } from 'pino';

const callTimeoutMs = 10_000;

/** Options for every client, Bolt's too: left out, Bolt in Socket Mode repeats calls a hundred times, posts included. */
export function slackClientOptions(apiUrl: string, log: Logger): WebClientOptions {
  return {
    slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callTimeoutMs,
    // Bolt answers through response URLs by it, and sets no limit of its own
    fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(callTimeoutMs) }),
    allowAbsoluteUrls: false,
    logger: slackLogger(log),
  };
}

export function slackClient(token: string, apiUrl: string, log: Logger): WebClient {
  return new WebClient(token, slackClientOptions(apiUrl, log));
}

/** The SDK's own log at pino's debug level: what matters to an operator is logged by hoop, with context. */
export function slackLogger(log: Logger): SlackLogger {
  const say = (...parts: unknown[]): void => log.debug(`slack sdk: ${parts.map(String).join(' ').slice(0, 2000)}`);
  const silent = (): void => undefined;
  return {
    // payloads and tokens pass through the SDK's debug and info messages
    debug: silent,
    info: silent,
    warn: say,
    error: say,
    setLevel: silent,
    setName: silent,
    getLevel: () => LogLevel.WARN,
  };
}

export type SlackFailure =
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  /** Slack was not reached or did not answer: what was asked may have been done all the same. */
  | { kind: 'unavailable'; message: string; retryAfterSeconds?: number }
  /** Slack answered no; asking again changes nothing. */
  | { kind: 'refused'; code: string; needed: string | undefined; message: string };

/** A proxy that is being repaired says a day as easily as a minute. */
const longestRetryAfterSeconds = 600;

const passing = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

export function slackFailure(error: unknown): SlackFailure {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'rate_limited', retryAfterSeconds: Math.max(1, error.retryAfter) };
  }
  if (error instanceof WebAPIPlatformError) {
    const { error: code, needed } = error.data as { error: string; needed?: unknown };
    if (code === 'ratelimited') return { kind: 'rate_limited', retryAfterSeconds: 30 };
    if (passing.has(code)) return { kind: 'unavailable', message: `Slack answered ${code}` };
    return {
      kind: 'refused',
      code,
      needed: typeof needed === 'string' ? needed : undefined,
      message: typeof needed === 'string' ? `${code} (needs ${needed})` : code,
    };
  }
  if (error instanceof WebAPIHTTPError) {
    const asked = Number(error.headers['retry-after']);
    const retryAfter = asked > 0 ? { retryAfterSeconds: Math.min(asked, longestRetryAfterSeconds) } : {};
    return { kind: 'unavailable', message: `Slack answered HTTP ${error.statusCode}`, ...retryAfter };
  }
  if (error instanceof WebAPIRequestError) {
    return { kind: 'unavailable', message: `Slack cannot be reached: ${reasonOf(error.original)}` };
  }
  return { kind: 'unavailable', message: error instanceof Error ? error.message : String(error) };
}

/** `fetch failed` says little; its cause says what. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}
