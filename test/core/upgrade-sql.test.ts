/**
 * While an upgrade is under way replicas of 0.1.0 write into the migrated database. What they write with is spelled out
 * here as that release has it: a statement that fails after a message was posted posts it again on each retry.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#db/pool.ts';
import { listSlackMessages } from '#db/slack-messages.ts';
import { saveThreadNotes } from '#db/slack-thread-notes.ts';
import { insertSlackCopy } from '#db/slack-copies.ts';
import { directMessageSettled } from '#db/slack-direct-messages.ts';
import { findSession } from '#db/sessions.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let database: TestDatabase;
let db: Database;
let userId: string;
let connectionId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, max: 2 });
  userId = (await makeUser(db, 'alice@example.com', ['sre'])).id;
  connectionId = await makeConnection(db, (await makeAgent(db)).id);
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

async function insertSession(): Promise<string> {
  const id = randomUUID();
  const policy = { groups: ['sre'], minApprovals: 1, distinctReviewers: false, forceApproveGroups: [] };
  const expiresAt = new Date(Date.now() + 3_600_000);
  const values: unknown[] = [id, 'exec', connectionId, 'bash', 'default', userId, '', null, 'd1'];
  values.push(JSON.stringify(policy), ['C1'], expiresAt, false, ['#ops'], 'pending', '{}');
  const inserted = await db.query(
    `with session as (
       insert into sessions (id, kind, connection_id, connection_name, agent_name, requester_id, reason, correlation_id,
         digest, policy, channel_ids, expires_at, run_timeout_asked, asked_in, state, approved_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, case when $15 = 'queued' then now() end)
       on conflict (id) do nothing returning id, digest)
     insert into session_envelopes (session_id, version, digest, body) select id, 1, digest, $16 from session`,
    values,
  );
  expect(inserted.rowCount).toBe(1);
  return id;
}

const saveSlackMessage = (sessionId: string, kind: string, ts: string, revision: number) =>
  db.query(
    `insert into slack_messages (session_id, channel, kind, ts, content_hash, revision) values ($1, $2, $3, $4, $5, $6)
     on conflict (session_id, channel, kind) do update set ts = excluded.ts, content_hash = excluded.content_hash,
       revision = excluded.revision, last_error = null, updated_at = now()
       where slack_messages.revision <= excluded.revision`,
    [sessionId, 'C1', kind, ts, 'hash', revision],
  );
const saveSlackFailure = (sessionId: string, error: string) =>
  db.query(
    `insert into slack_messages (session_id, channel, kind, last_error) values ($1, $2, $3, $4)
     on conflict (session_id, channel, kind) do update set last_error = excluded.last_error, updated_at = now()`,
    [sessionId, 'C1', 'review', error],
  );

test('a message that 0.1.0 posted is noted, rewritten and answered in its thread, beside notes and copies', async () => {
  const sessionId = await insertSession();
  await saveSlackFailure(sessionId, 'Slack answered HTTP 500');
  await saveSlackFailure(sessionId, 'Slack answered HTTP 503');
  await saveSlackMessage(sessionId, 'review', '1.1', 1);
  await saveThreadNotes(db, { sessionId, channel: 'C1', keys: ['one', 'two'], ts: '1.2' });
  await insertSlackCopy(db, sessionId, 'C1', '1.3');
  await saveSlackMessage(sessionId, 'review', '1.1', 3);
  await saveSlackMessage(sessionId, 'outcome', '1.4', 3);
  await saveSlackMessage(sessionId, 'outcome', '1.4', 3);
  const rows = await listSlackMessages(db, sessionId, 'C1');
  expect(rows.map(({ kind, ts, revision, lastError }) => [kind, ts, revision, lastError])).toEqual([
    ['review', '1.1', 3, null],
    ['outcome', '1.4', 3, null],
  ]);
  const found = await db.query<{ ts: string }>(
    'select ts from slack_messages where session_id = $1 and channel = $2 and kind = $3',
    [sessionId, 'C1', 'review'],
  );
  expect(found.rows).toEqual([{ ts: '1.1' }]);
});

test('a direct message that 0.1.0 sent is sent no second time', async () => {
  const sessionId = await insertSession();
  const failed = `insert into slack_direct_messages (session_id, user_id, event, last_error) values ($1, $2, $3, $4)
     on conflict (session_id, user_id, event) do update set last_error = excluded.last_error`;
  const sent = `insert into slack_direct_messages (session_id, user_id, event, channel, ts, sent_at) values ($1, $2, $3, $4, $5, now())
     on conflict (session_id, user_id, event) do update set channel = excluded.channel, ts = excluded.ts, sent_at = now(), last_error = null`;
  const key = { sessionId, userId, event: 'approved', envelopeVersion: 1 } as const;
  await db.query(failed, [sessionId, userId, 'approved', 'Slack answered HTTP 500']);
  await db.query(failed, [sessionId, userId, 'approved', 'Slack answered HTTP 503']);
  expect(await directMessageSettled(db, key)).toBe(false);
  await db.query(sent, [sessionId, userId, 'approved', 'D1', '2.1']);
  await db.query(sent, [sessionId, userId, 'approved', 'D1', '2.1']);
  expect(await directMessageSettled(db, key)).toBe(true);
});

test('0.1.0 decides, moves a session on and ends it', async () => {
  const sessionId = await insertSession();
  await db.query(
    `insert into decisions (session_id, envelope_version, digest, seq, user_id, verdict, group_name, force, reason, via)
     values ($1, $2, $3, (select coalesce(max(seq), 0) + 1 from decisions where session_id = $1), $4, $5, $6, $7, $8, $9)
     returning id, seq`,
    [sessionId, 1, 'd1', userId, 'approve', 'sre', false, '', 'slack'],
  );
  for (const state of ['approved', 'queued', 'running']) {
    await db.query(
      `update sessions set state = $2, state_since = now(), revision = revision + 1,
         approved_at = case when $2 in ('approved', 'queued') then coalesce(approved_at, now()) else approved_at end,
         started_at = case when $2 = 'running' then now() else started_at end
       where id = $1`,
      [sessionId, state],
    );
  }
  await db.query(
    `update sessions set state = $2, state_since = now(), ended_at = now(), revision = revision + 1,
       exit_code = $3, exit_signal = $4, end_message = $5, end_cause = $6 where id = $1`,
    [sessionId, 'finished', 0, null, null, null],
  );
  expect(await findSession(db, sessionId)).toMatchObject({ state: 'finished', exitCode: 0 });
});

test('0.1.0 saves the plugin, a connection’s channels and who somebody is in Slack', async () => {
  const save = `insert into plugins (name, config_sealed, config_names, api_url, info, state) values ($1, $2, $3, $4, $5, 'connecting')
     on conflict (name) do update set config_sealed = excluded.config_sealed, config_names = excluded.config_names,
       api_url = excluded.api_url, info = excluded.info, state = 'connecting', last_error = null,
       version = plugins.version + 1, updated_at = now()`;
  const plugin = ['slack', Buffer.from('sealed'), ['SLACK_BOT_TOKEN'], 'http://slack.test', '{}'];
  await db.query(save, plugin);
  await db.query(save, plugin);
  const state = 'update plugins set state = $3, last_error = $4 where name = $1 and version = $2';
  expect((await db.query(state, ['slack', 2, 'connected', null])).rowCount).toBe(1);
  const channels = `insert into connection_plugins (connection_id, plugin, channels, channel_ids) values ($1, $2, $3, $4)
     on conflict (connection_id, plugin) do update set channels = excluded.channels, channel_ids = excluded.channel_ids`;
  for (const ids of [['C1'], ['C2']]) await db.query(channels, [connectionId, 'slack', ['#ops'], ids]);
  const bind = `insert into slack_identities (slack_id, user_id, team_id) values ($2, $1, $3)
     on conflict (user_id) do update set team_id = coalesce(excluded.team_id, slack_identities.team_id)`;
  for (const team of [null, 'T1']) await db.query(bind, [userId, 'U1', team]);
  const remember = 'update slack_identities set dm_channel = $2 where user_id = $1';
  expect((await db.query(remember, [userId, 'D1'])).rowCount).toBe(1);
});
