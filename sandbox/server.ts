import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { controlApi, type ControlParts } from './control.ts';
import { Faults } from './faults.ts';
import { Feed } from './feed.ts';
import { LiveFeed } from './live-feed.ts';
import type { SandboxContext } from './methods/method.ts';
import type { Clock } from './model.ts';
import { RateLimits } from './rate-limits.ts';
import { responseUrls } from './response-url.ts';
import { seed } from './seed.ts';
import { SocketHub } from './socket-mode.ts';
import { Store } from './store.ts';
import { Views } from './views.ts';
import { webApi } from './web-api.ts';
import { Workspace } from './workspace.ts';

export interface SandboxDeps {
  /** The folder the workspace lives in; made when missing. One sandbox a folder. */
  dataDir: string;
  /** 0 for a free one. */
  port: number;
  clock?: Clock;
  /** Where the built page is; next to the bundle unless said otherwise. */
  pageDir?: string;
  /** How long an app has to acknowledge a payload (default: Slack's 3 s). */
  ackTimeoutMs?: number;
  /** How long a trigger opens a modal (default: Slack's 3 s). */
  triggerMs?: number;
  /** After a missed acknowledgement an event is sent again after each of these, and then given up. */
  eventRetryDelaysMs?: readonly number[];
  /** Whether calls above Slack's rate limits are answered 429 from the start (default: no). */
  rateLimits?: boolean;
  /** Told of failures that are the sandbox's own. */
  onError?(error: unknown): void;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`: the page, and the control API under `/control`. */
  url: string;
  /** What Slack clients take as their API address. */
  apiUrl: string;
  /** Ends every connection and closes the store. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const LOCAL_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
/**
 * The page loads files of its own only; pictures in messages may come from anywhere, as in Slack. It frames itself where
 * several people are shown beside each other.
 */
const PAGE_POLICY =
  "default-src 'self'; connect-src 'self' ws:; img-src * data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
const EVENT_RETRIES_MS = [500, 60_000, 300_000];

/** Starts a workspace over HTTP and WebSocket, on loopback only. */
export async function createSandbox(deps: SandboxDeps): Promise<Sandbox> {
  const clock = deps.clock ?? { now: () => Date.now() };
  const store = new Store(deps.dataDir);
  seed(store);
  store.forgetExpired(clock.now());
  const feed = new Feed();
  const faults = new Faults();
  const workspace = new Workspace(store, clock, feed, deps.triggerMs);
  const hub = new SocketHub({
    store,
    clock,
    faults,
    ackTimeoutMs: deps.ackTimeoutMs ?? 3_000,
    eventRetryDelaysMs: deps.eventRetryDelaysMs ?? EVENT_RETRIES_MS,
    onChange: () => feed.announce({ kind: 'workspace' }),
  });
  const limits = new RateLimits(clock, deps.rateLimits ?? false);
  let url = '';
  const context: SandboxContext = { workspace, views: new Views(workspace, feed), hub, baseUrl: () => url };
  const server = createServer(httpApp(context, { faults, limits, feed }, deps));
  const live = new LiveFeed(feed);
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    if (!isLocal(request.headers.host)) stream.destroy();
    else if (request.url === '/control/events') live.upgrade(request, stream, head);
    else if (faults.outage(appIdIn(request.url))) stream.destroy();
    else hub.upgrade(request, stream, head);
  });
  await listen(server, deps.port);
  url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  hub.start();
  return {
    url,
    apiUrl: `${url}/api/`,
    async close() {
      hub.close();
      live.close();
      const closed = new Promise((resolve) => server.close(resolve));
      connections.forEach((socket) => socket.destroy());
      await closed;
      await store.close();
    },
  };
}

function httpApp(context: SandboxContext, parts: ControlParts, deps: SandboxDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    if (isLocal(request.headers.host)) return next();
    const message = 'The sandbox answers on 127.0.0.1 and localhost only.';
    response.status(403).json({ error: { code: 'not_local', message } });
  });
  app.get('/healthz', (_request, response) => void response.json({ ok: true }));
  app.use('/api', webApi(context, parts.faults, parts.limits));
  app.use('/control', controlApi(context, parts));
  const pageDir = deps.pageDir ?? fileURLToPath(new URL('./sandbox-page/', import.meta.url));
  app.use(
    express.static(pageDir, { setHeaders: (response) => response.setHeader('content-security-policy', PAGE_POLICY) }),
  );
  app.use(responseUrls(context, parts.faults));
  app.use((request, response) => {
    const message = `There is no ${request.path} here.`;
    response.status(404).json({ ok: false, error: { code: 'not_found', message } });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    deps.onError?.(error);
    if (response.headersSent) return void response.destroy();
    response.status(500).json({ error: { code: 'internal', message: 'The sandbox failed; its log says why.' } });
  });
  return app;
}

const appIdIn = (url = '/') => new URL(url, 'http://sandbox').searchParams.get('app_id') ?? undefined;

/** A name that only resolves to loopback: keeps pages of other origins out when their name is pointed here. */
function isLocal(host: string | undefined): boolean {
  return LOCAL_NAMES.has((host ?? '').replace(/:\d+$/, ''));
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve());
  });
}
