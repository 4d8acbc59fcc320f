import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { Core } from '#core/context.ts';
import { hashPassword } from '#core/passwords.ts';
import type { SlackVerifier } from '#core/slack-verifier.ts';
import type { Database } from '#db/pool.ts';
import type { UserRow } from '#db/users.ts';
import { createApp } from '#api/app.ts';
import type { ApiDeps } from '#api/deps.ts';
import { createMetrics } from '#api/metrics.ts';
import { createKeyboards } from '#api/relay/keyboards.ts';
import { createSessionFeed, type FeedPublisher } from '#api/relay/session-feed.ts';
import { createSignInWaiters } from '#api/sign-in-waiters.ts';
import { createStreams, type Streams } from '#api/stream.ts';
import { createTestCore } from '#test/support/core.ts';
import { makeUser } from '#test/support/rows.ts';
import { testSlack } from './slack.ts';

export interface TestApi {
  url: string;
  core: Core;
  db: Database;
  feed: FeedPublisher;
  streams: Streams;
  deps: ApiDeps;
  server: Server;
  /** Log lines so far, parsed. */
  logs: Record<string, unknown>[];
  stop(): Promise<void>;
}

export interface TestApiOptions {
  slack?: SlackVerifier;
  webRoot?: string;
  readiness?: () => Promise<string[]>;
  /** Changes what the API is made of before it starts. */
  adjust?: (deps: ApiDeps) => ApiDeps;
}

export const password = 'correct horse battery';
let passwordHash: Promise<string> | undefined;

/** The API over real HTTP, PostgreSQL and Temporal; sessions are written and their workflows wait, for no worker runs. */
export async function startApi(options: TestApiOptions = {}): Promise<TestApi> {
  const logs: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logs.push(JSON.parse(line)) });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { core, close } = await createTestCore({ publicUrl: url, slack: options.slack ?? testSlack, log });
  const feed = createSessionFeed();
  const readiness = options.readiness ?? (async () => []);
  const plain: ApiDeps = {
    core,
    feed,
    keyboards: createKeyboards([]),
    signIns: createSignInWaiters(),
    metrics: createMetrics(),
    version: '0.0.0-test',
    webRoot: options.webRoot ?? null,
    readiness,
  };
  const deps = options.adjust?.(plain) ?? plain;
  const streams = createStreams(deps);
  server.on('request', createApp(deps));
  server.on('upgrade', (request, socket, head) => {
    if (!streams.handleUpgrade(request, socket, head)) socket.destroy();
  });
  return {
    url,
    core,
    db: core.db,
    feed,
    streams,
    deps,
    server,
    logs,
    async stop() {
      await streams.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await close();
    },
  };
}

/** Somebody who can sign in with `password`. */
export async function addUser(api: TestApi, email: string, groups: string[], slackId?: string): Promise<UserRow> {
  passwordHash ??= hashPassword(password);
  return makeUser(api.db, email, groups, { passwordHash: await passwordHash, ...(slackId && { slackId }) });
}
