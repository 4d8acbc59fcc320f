import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { taskQueues } from '#shared/task-queues.ts';
import type { Core } from '#core/context.ts';
import { hashPassword } from '#core/passwords.ts';
import { createSealer } from '#core/sealer.ts';
import type { SlackVerifier } from '#core/slack-verifier.ts';
import { openDatabase, type Database } from '#db/pool.ts';
import { bindSlackId, findUserByEmail, insertUser, setUserGroups, updateUser, type UserRow } from '#db/users.ts';
import { createApp } from '#api/app.ts';
import type { ApiDeps } from '#api/deps.ts';
import { createMetrics } from '#api/metrics.ts';
import { createSessionFeed, type FeedPublisher } from '#api/relay/session-feed.ts';
import { createStreams, type Streams } from '#api/stream.ts';
import { createTestDatabase } from '#test/support/postgres.ts';
import { useTemporal } from '#test/support/temporal.ts';
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
  const database = await createTestDatabase();
  const temporal = await useTemporal();
  const connection = await Connection.connect({ address: temporal.address });
  const db = openDatabase({ url: database.url, max: 6 });
  const logs: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logs.push(JSON.parse(line)) });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const core: Core = {
    db,
    temporal: new Client({ connection, namespace: temporal.namespace }),
    queues: taskQueues(temporal.taskQueuePrefix),
    queuePrefix: temporal.taskQueuePrefix,
    publicUrl: url,
    temporalUiUrl: null,
    sealer: createSealer([randomBytes(32)]),
    slack: options.slack ?? testSlack,
    log,
    now: () => new Date(),
  };
  const feed = createSessionFeed();
  const readiness = options.readiness ?? (async () => []);
  const plain: ApiDeps = {
    core,
    feed,
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
    db,
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
      await connection.close();
      await db.end();
      await database.drop();
    },
  };
}

/** Somebody who can sign in with `password`. */
export async function addUser(api: TestApi, email: string, groups: string[], slackId?: string): Promise<UserRow> {
  passwordHash ??= hashPassword(password);
  const id = await insertUser(api.db, email, email.split('@')[0] ?? email);
  if (!id) throw new Error(`${email} is there already`);
  await updateUser(api.db, id, { passwordHash: await passwordHash });
  await setUserGroups(api.db, id, groups);
  if (slackId) await bindSlackId(api.db, id, slackId, null);
  const user = await findUserByEmail(api.db, email);
  if (!user) throw new Error(`${email} vanished`);
  return user;
}
