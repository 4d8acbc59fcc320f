import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { configureSlack, createWorld, OPS, requestReview, type World } from './world.ts';

const minute = 60_000;
const atOnce = 20;

/** As if everything had happened earlier. */
async function timePasses({ db }: World, ms: number): Promise<void> {
  const by = [`${Math.ceil(ms)} ms`];
  await db.query('update slack_turns set at = at - $1::interval', by);
  await db.query(
    `update slack_pace set departed_to = departed_to - $1::interval, promised_to = promised_to - $1::interval,
       closed_until = closed_until - $1::interval`,
    by,
  );
  await db.query(
    'update slack_channels set next_try_at = next_try_at - $1::interval, failing_since = failing_since - $1::interval',
    by,
  );
}

/** Requests of ten minutes ago that the channel has refused ever since; they may be tried now. */
async function refusedFor10Minutes(world: World, count: number): Promise<string[]> {
  const { db } = world;
  const first = await requestReview(world);
  await db.query("update sessions set created_at = now() - interval '10 min' where id = $1", [first]);
  await db.query(
    `insert into sessions select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
     from sessions s, generate_series(2, $1) where s.id = $2`,
    [count, first],
  );
  await db.query(
    `insert into session_envelopes select (jsonb_populate_record(e, jsonb_build_object('session_id', s.id))).*
     from session_envelopes e, sessions s where e.session_id = $1 and s.id <> $1`,
    [first],
  );
  await db.query(
    `insert into slack_messages (session_id, channel, kind, last_error, refused_at)
     select id, $1, 'review', 'archived', now() from sessions`,
    [OPS],
  );
  await db.query(
    `insert into slack_channels (team_id, channel, name, code, failing_since, next_try_at, plugin_version)
     values ('T0SANDBOX0', $1, '#ops', 'is_archived', now() - interval '10 min', now(), 1)`,
    [OPS],
  );
  return (await db.query<{ id: string }>('select id from sessions')).rows.map(({ id }) => id);
}

/** Attempts as Temporal makes them, each when it asked for it, without waiting: the clock of the rows is put forward. */
function asTemporalWould(world: World, sessions: string[]) {
  let skipped = 0;
  const clock = () => Date.now() + skipped;
  const due = new Map(sessions.map((id) => [id, 0]));
  const attempt = async (sessionId: string) => {
    try {
      await world.activities.syncSlackMessage({ sessionId, channel: OPS });
      due.delete(sessionId);
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      due.set(sessionId, clock() + Number(error.nextRetryDelay));
    }
  };
  return {
    clock,
    left: () => due.size,
    async run(until: number): Promise<void> {
      for (;;) {
        const next = [...due].sort((a, b) => a[1] - b[1]).slice(0, atOnce);
        const at = next[0]?.[1] ?? Infinity;
        if (at > until) return;
        const ms = Math.max(0, at - clock());
        await timePasses(world, ms);
        skipped += ms;
        await Promise.all(next.filter(([, time]) => time <= clock()).map(([id]) => attempt(id)));
      }
    },
  };
}

test('200 requests that a channel refused are tried by one, and posted at Slack’s pace once it is repaired', async () => {
  const world = await createWorld();
  await configureSlack(world);
  await world.control.post('archive', { channel: 'ops' });
  const temporal = asTemporalWould(world, await refusedFor10Minutes(world, 200));
  const posts = async () => (await world.control.get('calls?method=chat.postMessage')).calls.length;

  await temporal.run(temporal.clock() + minute);
  expect(await posts()).toBe(1);
  expect((await world.db.query('select 1 from slack_turns')).rowCount).toBe(0);

  await world.control.post('archive', { channel: 'ops', archived: false });
  const repaired = temporal.clock();
  // the next try comes within five minutes; others hear of it seconds later, or a little more on a busy machine
  await temporal.run(repaired + 5 * minute + 200_000 + 2 * minute);
  expect(temporal.left()).toBe(0);
  expect(await posts()).toBe(201);
}, 180_000);

test('new tokens are tried at once, by one of those who wait', async () => {
  const world = await createWorld();
  const installed = await configureSlack(world);
  await world.control.post('archive', { channel: 'ops' });
  const sessions = await refusedFor10Minutes(world, 20);
  await world.db.query("update slack_channels set next_try_at = now() + interval '4 min'");
  const posts = async () => (await world.control.get('calls?method=chat.postMessage')).calls.length;
  await asTemporalWould(world, sessions).run(Date.now() + minute);
  expect(await posts()).toBe(0);
  await configureSlack(world, installed);
  await asTemporalWould(world, sessions).run(Date.now() + minute);
  expect(await posts()).toBe(1);
});
