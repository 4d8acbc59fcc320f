/** Requests to the gateway. `node:http` instead of fetch: that one costs the start of every command 20 ms. */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { readCliConfig, type CliConfig } from '#config/cli.ts';
import { HoopError } from '#shared/errors.ts';
import { parseJson } from '#shared/parse-json.ts';
import { answeredError } from './terminal.ts';
import { version } from './version.ts';

/** The gateway did not answer, or something else did: it may or may not have got the request. */
export class Unavailable extends HoopError {
  /** Whether the same request may go through a moment later. */
  readonly passing: boolean;

  constructor(message: string, passing: boolean, options?: { cause: unknown }) {
    super('unavailable', message, options);
    this.passing = passing;
  }
}

/** No answer came at all. */
function unreachable(apiUrl: string, cause: NodeJS.ErrnoException): Unavailable {
  const lasting = cause.code === 'ENOTFOUND' || cause.code?.startsWith('ERR_') || cause.code?.includes('CERT');
  return new Unavailable(
    `Cannot reach the gateway at ${apiUrl} (${describe(cause)}). ` +
      `Start it (hoop start, or npm start in a clone), or name another with HOOP_API_URL or hoop login --api-url.`,
    !lasting,
    { cause },
  );
}

export interface RequestOptions {
  /** Without a byte in either direction, so that a long script on a slow line may take its time; milliseconds. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const keepAliveMs = 15_000;

export interface ApiClient {
  readonly config: CliConfig;
  get<T>(path: string, options?: RequestOptions): Promise<T>;
  post<T>(path: string, body: unknown, options?: RequestOptions): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** The body as it comes; it fails as `unavailable` when the line breaks before its end. */
  download(path: string, options?: RequestOptions): Promise<Readable>;
  /** Headers that say who asks. */
  headers(): Record<string, string>;
  /** Under a base URL with its path. */
  url(path: string): URL;
}

/** A client for whoever is signed in; throws `not_signed_in` when nobody is. */
export function signedInClient(config: CliConfig = readCliConfig()): ApiClient {
  if (config.token === null) {
    throw new HoopError('not_signed_in', `You are not signed in at ${config.apiUrl}. Sign in with: hoop login`);
  }
  return createClient(config);
}

export function createClient(config: CliConfig): ApiClient {
  const secure = config.apiUrl.startsWith('https:');
  const agent = secure ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;
  const url = (path: string) => new URL(config.apiUrl + path);
  const headers = (): Record<string, string> => ({
    'user-agent': `hoop-cli/${version}`,
    ...(config.token === null ? {} : { authorization: `Bearer ${config.token}` }),
  });

  /** Resolves with the head of the answer. */
  function open(method: string, path: string, payload: Buffer | undefined, timeoutMs: number) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(url(path), {
        method,
        agent,
        headers: {
          ...headers(),
          accept: 'application/json',
          ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
        },
      });
      request.setTimeout(timeoutMs, () => {
        request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
      });
      request.once('error', (error: Error) => reject(unreachable(config.apiUrl, error)));
      request.once('response', resolve);
      request.end(payload);
    });
  }

  async function textOf(response: IncomingMessage): Promise<string> {
    return readAll(response).catch((error: Error) => {
      throw unreachable(config.apiUrl, error);
    });
  }

  async function exchange(method: string, path: string, payload: Buffer | undefined, timeoutMs: number) {
    const response = await open(method, path, payload, timeoutMs);
    return { status: response.statusCode ?? 0, text: await textOf(response) };
  }

  async function download(path: string, options: RequestOptions = {}): Promise<Readable> {
    const response = await open('GET', path, undefined, options.timeoutMs ?? defaultTimeoutMs);
    const status = response.statusCode ?? 0;
    if (status < 200 || status >= 300) throw refusal(config, status, parseJson(await textOf(response)));
    // a slow reader is no dead line: that is found by probes of the operating system
    response.socket.setTimeout(0);
    response.socket.setKeepAlive(true, keepAliveMs);
    const body = Readable.from(whole(response), { objectMode: false });
    // also where nobody has begun to read it
    return body.once('close', () => response.destroy());
  }

  async function* whole(response: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      for await (const part of response) yield part as Buffer;
    } catch (error) {
      const cause = error as Error;
      throw new Unavailable(`The line to the gateway broke before all had come (${describe(cause)}).`, true, { cause });
    }
  }

  async function ask<T>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const { status, text } = await exchange(method, path, payload, options.timeoutMs ?? defaultTimeoutMs);
    const answer = parseJson(text);
    if (status >= 200 && status < 300 && (answer !== undefined || text === '')) return answer as T;
    throw refusal(config, status, answer);
  }

  return {
    config,
    headers,
    url,
    get: (path, options) => ask('GET', path, undefined, options),
    post: (path, body, options) => ask('POST', path, body, options),
    put: (path, body) => ask('PUT', path, body),
    delete: (path) => ask('DELETE', path),
    download,
  };
}

/** Path with the query parameters that are set. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined);
  if (set.length === 0) return path;
  return `${path}?${new URLSearchParams(set.map(([key, value]) => [key, String(value)]))}`;
}

function refusal(config: CliConfig, status: number, answer: unknown): HoopError {
  const { code, message } = (answer as { error?: { code?: string; message?: string } } | undefined)?.error ?? {};
  if (typeof message !== 'string') {
    // A proxy in front of a gateway that is away, or no gateway at all.
    const passing = status === 502 || status === 503 || status === 504;
    return new Unavailable(`${config.apiUrl} answered ${status}, and not as a hoop gateway does.`, passing);
  }
  const error = answeredError(status, code, message);
  if (error.code !== 'not_signed_in') return error;
  const hint = config.tokenFromEnv ? 'Set HOOP_TOKEN to a valid token, or unset it.' : 'Sign in with: hoop login';
  return new HoopError('not_signed_in', `${message.replace(/\.?$/, '.')} ${hint}`);
}

async function readAll(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function describe(error: NodeJS.ErrnoException): string {
  const known: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection lost',
    ENOTFOUND: 'its name is not known',
    ETIMEDOUT: 'no answer',
    EAI_AGAIN: 'its name cannot be looked up now',
    EHOSTUNREACH: 'no way to the host',
  };
  return known[error.code ?? ''] ?? (error.message || String(error.code));
}
