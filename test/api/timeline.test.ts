import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionDetail, type SessionDetail, type SessionView } from '#shared/api-schemas.ts';
import type { TimelineEntry } from '#shared/session-timeline.ts';
import { timelineOf } from '#core/session-timeline.ts';
import { audit } from '#db/audit.ts';
import { findSession } from '#db/sessions.ts';
import { eventually } from '#test/support/eventually.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { caller, cookieOf, signInAs, type Caller } from './support/client.ts';
import { addConnection, askToRun, finish, moveTo } from './support/sessions.ts';

let api: TestApi;
let ann: Caller;
let bob: Caller;
let rick: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', ['sre']);
  await addUser(api, 'rick@example.com', ['sre']);
  await addUser(api, 'sue@example.com', ['sre']);
  ann = await signInAs(api, 'ann@example.com');
  bob = await signInAs(api, 'bob@example.com');
  rick = await signInAs(api, 'rick@example.com');
  await addConnection(api, ann, ['sre']);
});
afterAll(() => api.stop());

const asCli = { 'user-agent': 'hoop-cli/1' };
async function detail(who: Caller, id: string, headers: Record<string, string> = {}): Promise<SessionDetail> {
  return sessionDetail.parse((await who.get(`/api/sessions/${id}`, headers)).body);
}
const seenOf = ({ timeline }: SessionDetail) =>
  timeline.filter(({ what }) => what === 'seen').map(({ by, via }) => `${by} ${via}`);
/** Without the times, which must not go backwards. */
function inOrder(timeline: TimelineEntry[]): Omit<TimelineEntry, 'at'>[] {
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort());
  return timeline.map(({ at: _, ...entry }) => entry);
}

test('who may review and opens a request is noted once, with where from', async () => {
  const { id } = await askToRun(bob);
  expect(seenOf(await detail(bob, id))).toEqual([]); // who asked
  expect(seenOf(await detail(ann, id))).toEqual([]); // an admin without a say in it
  expect(seenOf(await detail(rick, id, asCli))).toEqual(['rick@example.com cli']);
  expect(seenOf(await detail(rick, id))).toEqual(['rick@example.com cli']);
  const sue = caller(api, { cookie: await cookieOf(api, 'sue@example.com') });
  expect(seenOf(await detail(sue, id))).toEqual(['rick@example.com cli', 'sue@example.com console']);
});

test('a list shows no request in full: nobody has seen what they did not open', async () => {
  const { id } = await askToRun(bob);
  await rick.get('/api/reviews');
  await rick.get('/api/sessions');
  expect(seenOf(await detail(ann, id))).toEqual([]);
});

test('a changed request has to be seen again; one that has ended is not seen any more', async () => {
  const { id } = await askToRun(bob);
  await detail(rick, id);
  await ann.post('/api/connections', { name: 'bash', command: ['bash', '-e'], overwrite: true });
  const { timeline, envelopeVersion } = await eventually(
    async () => {
      const now = await detail(rick, id);
      return now.envelopeVersion === 2 && now;
    },
    { describe: 'the request as another version' },
  );
  expect(envelopeVersion).toBe(2);
  expect(inOrder(timeline)).toEqual([
    { what: 'asked', by: 'bob@example.com', via: 'api' },
    { what: 'seen', by: 'rick@example.com', via: 'api' },
    { what: 'changed', by: 'ann@example.com', details: { version: 2, changed: 'command' } },
    { what: 'seen', by: 'rick@example.com', via: 'api' },
  ]);
  const ended = await askToRun(bob);
  await moveTo(api, ended.id, 'approved');
  await moveTo(api, ended.id, 'running');
  await finish(api, ended.id);
  expect(seenOf(await detail(rick, ended.id))).toEqual([]);
});

test('the way of a session is told in order, by whom and from where', async () => {
  const { id } = (
    await bob.post<SessionView>('/api/sessions', { connection: 'bash', script: 'ls', reason: 'why' }, asCli)
  ).body;
  const { digest } = await detail(rick, id);
  await api.db.query(`update sessions set channel_ids = '{C0OPS}', asked_in = '{#ops}' where id = $1`, [id]);
  await api.db.query(
    `insert into slack_messages (session_id, channel, kind, ts) values ($1, 'C0OPS', 'review', extract(epoch from now())::numeric(20, 6)::text)`,
    [id],
  );
  await api.db.query(
    `insert into slack_direct_messages (session_id, user_id, event, sent_at) select $1, id, 'asked', now() from users where email = 'rick@example.com'`,
    [id],
  );
  await rick.post(`/api/sessions/${id}/decisions`, { verdict: 'approve', digest, group: 'sre', reason: 'fine' });
  const instance = randomUUID();
  await api.db.query(
    `insert into agent_instances (id, agent_id, public_key, journal_id, hostname) select $1::uuid, id, $2, $1::uuid, 'web-3' from agents`,
    [instance, instance],
  );
  await api.db.query(
    `insert into runs (session_id, envelope_version, digest, agent_instance_id, journal_id, nonce, approved_by)
     values ($1, 1, 'd', $2, $2, $3, '{}')`,
    [id, instance, instance],
  );
  await moveTo(api, id, 'running');
  for (const action of ['run.consume', 'session.interrupt', 'run.refused']) {
    const actor = action === 'session.interrupt' ? 'user:bob@example.com' : 'system:gateway';
    await audit(api.db, { actor, action, subject: `session:${id}`, details: { why: 'forged', list: ['not shown'] } });
  }
  await finish(api, id, 3);
  expect(inOrder((await detail(ann, id)).timeline)).toEqual([
    { what: 'asked', by: 'bob@example.com', via: 'cli', details: { reason: 'why' } },
    { what: 'seen', by: 'rick@example.com', via: 'api' },
    { what: 'posted', via: 'slack', details: { channel: '#ops' } },
    { what: 'notified', via: 'slack', details: { to: 'rick@example.com', event: 'asked' } },
    { what: 'approved', by: 'rick@example.com', via: 'api', details: { group: 'sre', reason: 'fine' } },
    { what: 'started', details: { agent: 'default', host: 'web-3' } },
    { what: 'interrupted', by: 'bob@example.com' },
    { what: 'noted', details: { action: 'run.refused', why: 'forged' } },
    { what: 'ended', details: { state: 'finished', exitCode: 3 } },
  ]);
});

test('a clock of Slack that is behind puts nothing before the request', async () => {
  const { id } = await askToRun(bob);
  const session = await findSession(api.db, id);
  if (!session) throw new Error('no session');
  const early = new Date(session.createdAt.getTime() - 60_000);
  const rows = [{ at: early, source: 'posted', who: null, via: 'slack', details: { channel: 'C1' } } as const];
  expect(timelineOf(session, [], rows).map(({ what }) => what)).toEqual(['asked', 'posted']);
});
