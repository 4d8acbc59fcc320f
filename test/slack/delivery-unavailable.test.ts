import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { takeTurn } from '#db/slack-pace.ts';
import { slackClient, slackFailure } from '#core/slack-client.ts';
import { failureOf } from './as-temporal.ts';
import { configureSlack, createWorld, OPS, requestReview, type World } from './world.ts';

const sync = (world: World, sessionId: string) => world.activities.syncSlackMessage({ sessionId, channel: OPS });
const waitOf = async (work: Promise<unknown>): Promise<number> => {
  const failure = await failureOf(work);
  expect(failure.type).toBe('SlackUnavailable');
  return Number(failure.nextRetryDelay);
};
/** Each wait is up to a fifth shorter, so that those who failed together do not ask together. */
const about = (ms: number, most: number): boolean => ms <= most && ms >= most * 0.8;
const noPace = ({ db }: World) => db.query('delete from slack_pace');

test('a single failure after many turns costs half a second, and what fails again waits longer each time', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const sessionId = await requestReview(world);
  const channel = { name: `T0SANDBOX0 post ${OPS}`, everyMs: 60_000, burst: 1 };
  await takeTurn(world.db, 'another', [channel]);
  for (let i = 0; i < 9; i += 1) expect((await failureOf(sync(world, sessionId))).type).toBe('SlackPaced');
  await world.db.query('delete from slack_turns');
  await world.control.post('faults', { kind: 'outage' });

  const waits: number[] = [];
  for (let i = 0; i < 8; i += 1) {
    await noPace(world);
    waits.push(await waitOf(sync(world, sessionId)));
  }
  const expected = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000];
  expect(waits.map((ms, i) => about(ms, expected[i] ?? 0))).toEqual(Array(8).fill(true));
  await world.db.query("update slack_failures set at = now() - interval '4 min'");
  await noPace(world);
  expect(about(await waitOf(sync(world, sessionId)), 500)).toBe(true);
});

test('many who wait for Slack ask it five times a second together, each once a minute at the least', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const sessionId = await requestReview(world);
  await world.control.post('faults', { kind: 'outage' });
  const others = (count: number) =>
    world.db.query(
      `insert into slack_failures select 'other ' || n, 20, now() from generate_series(1, $1) n on conflict do nothing`,
      [count],
    );
  await world.db.query('insert into slack_failures values ($1, 20, now())', [`message ${sessionId} ${OPS}`]);
  const waits: number[] = [];
  for (const count of [0, 149, 1_000]) {
    await others(count);
    await noPace(world);
    waits.push(await waitOf(sync(world, sessionId)));
  }
  expect(waits.map((ms, i) => about(ms, [15_000, 30_000, 60_000][i] ?? 0))).toEqual([true, true, true]);
});

test('direct messages wait in the same way', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const sessionId = await requestReview(world, { channels: [] });
  await world.control.post('faults', { kind: 'outage' });
  await world.db.query("insert into slack_failures values ('long ago', 20, now() - interval '2 hours')");
  for (const most of [500, 1_000]) {
    const ms = await waitOf(world.activities.sendDirectMessages({ sessionId, event: 'expired' }));
    expect(about(ms, most)).toBe(true);
  }
  const left = await world.db.query('select holder from slack_failures');
  expect(left.rows).toEqual([{ holder: `direct expired ${sessionId}` }]);
});

test('an answer that says when to come back is believed, up to ten minutes', async () => {
  const answers = ['40', '86400', 'Wed, 21 Oct 2026 07:28:00 GMT'];
  const server = createServer((_, response) => {
    response.writeHead(503, { 'retry-after': answers.shift() ?? '' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  const client = slackClient('xoxb-1', url, pino({ level: 'silent' }));
  const seconds: unknown[] = [];
  for (let i = 0; i < 3; i += 1) {
    const failure = slackFailure(await client.auth.test().catch((error: unknown) => error));
    seconds.push(failure.kind === 'unavailable' ? failure.retryAfterSeconds : failure.kind);
  }
  expect(seconds).toEqual([40, 600, undefined]);
});
