import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { FirstRunView } from '#shared/first-run-schemas.ts';
import { endSession } from '#db/sessions.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { caller, signInAs, type Caller } from './support/client.ts';
import { addConnection, askToRun, finish } from './support/sessions.ts';

const path = '/api/first-run';

let api: TestApi;
let admin: Caller;
let bob: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', ['sre']);
  admin = await signInAs(api, 'ann@example.com');
  bob = await signInAs(api, 'bob@example.com');
});
afterAll(() => api.stop());

const firstRun = async (): Promise<FirstRunView> => (await admin.get<FirstRunView>(path)).body;

test('the first run is for admins', async () => {
  expect((await bob.get(path)).status).toBe(403);
  expect((await bob.post(`${path}/dismiss`)).status).toBe(403);
  expect((await caller(api).get(path)).status).toBe(401);
});

test('an empty installation has everything before it, and each thing shows once it is there', async () => {
  const nothing = { agent: null, connection: null, slack: null, lastSession: null, finished: null };
  expect(await firstRun()).toEqual({ open: true, dismissed: false, ...nothing });

  await addConnection(api, admin, ['sre']);
  expect(await firstRun()).toMatchObject({
    agent: { name: 'default', online: false },
    connection: { name: 'bash', agent: 'default', agentOnline: false, command: ['bash'], reviewed: true },
  });
  await admin.put('/api/plugins/slack', { config: { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' } });
  expect((await firstRun()).slack).toEqual({ team: 'Acme', connected: false, problem: null });

  const gateway = await api.db.query<{ id: string }>(
    `insert into gateways (id, peer_url, lease_until) values (gen_random_uuid(), 'http://peer', now() + interval '1 hour') returning id`,
  );
  await api.db.query(
    `insert into agent_instances (agent_id, public_key, journal_id, gateway_id)
     select id, 'a key', gen_random_uuid(), $1 from agents where name = 'default'`,
    [gateway.rows[0]?.id],
  );
  expect(await firstRun()).toMatchObject({ agent: { online: true }, connection: { agentOnline: true } });
});

test('of several the one that is furthest is told', async () => {
  await admin.post('/api/agents', { name: 'another' });
  await admin.post('/api/connections', { name: 'away', agent: 'another', command: ['sh'] });
  expect(await firstRun()).toMatchObject({ agent: { name: 'default' }, connection: { name: 'bash' } });
});

test('putting it away holds for all admins, and is in the audit log once', async () => {
  await addUser(api, 'eve@example.com', ['admin']);
  const eve = await signInAs(api, 'eve@example.com');
  expect((await admin.post<FirstRunView>(`${path}/dismiss`)).body).toMatchObject({ open: false, dismissed: true });
  await eve.post(`${path}/dismiss`);
  expect((await eve.get<FirstRunView>(path)).body).toMatchObject({ open: false, dismissed: true });
  const rows = await api.db.query(`select actor, subject from audit_log where action = 'first_run.dismiss'`);
  expect(rows.rows).toEqual([{ actor: 'user:ann@example.com', subject: 'installation' }]);
  await api.db.query(`delete from settings where name = 'first-run.dismissed'`);
  expect((await firstRun()).open).toBe(true);
});

test('it is over once a session ran to its end, and not when one failed', async () => {
  const failed = await askToRun(admin);
  await endSession(api.db, failed.id, {
    state: 'cancelled',
    exitCode: null,
    exitSignal: null,
    message: null,
    cause: null,
  });
  expect(await firstRun()).toMatchObject({ open: true, lastSession: { id: failed.id, state: 'cancelled' } });
  const { id } = await askToRun(admin);
  expect(await firstRun()).toMatchObject({ open: true, lastSession: { id, state: 'pending' } });
  await finish(api, id);
  const session = { id: z.uuid().parse(id), connection: 'bash', state: 'finished' };
  expect(await firstRun()).toMatchObject({ open: false, dismissed: false, finished: session, lastSession: session });
});
