/** What a page asks before it saves a connection, and how two who edit one do not undo each other's work. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectionView } from '#shared/api-schemas.ts';
import type { ConnectionCheck } from '#shared/connection-check.ts';
import { findConnection } from '#db/connections.ts';
import { makeAgent } from '#test/support/rows.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { askToRun } from './support/sessions.ts';

let api: TestApi;
let ann: Caller;
let dev: Caller;

beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'sam@example.com', ['sre']);
  await addUser(api, 'dev@example.com', ['dev']);
  await makeAgent(api.db);
  ann = await signInAs(api, 'ann@example.com');
  dev = await signInAs(api, 'dev@example.com');
  await ann.post('/api/users', { email: 'gone@example.com', groups: ['empty'], active: false });
});
afterAll(() => api.stop());

const good = { name: 'bash', agent: 'default', command: ['bash'] };
const check = async (input: object) => (await ann.post<ConnectionCheck>('/api/connections/check', input)).body;
const save = (input: object) => ann.post<ConnectionView & ErrorAnswer>('/api/connections', input);

test.each<[string, object, string, string]>([
  ['no command', { name: 'bash', agent: 'default' }, 'command', 'invalid_input'],
  ['no such agent', { ...good, agent: 'nowhere' }, 'agent', 'agent_unknown'],
  ['a minimum without reviewers', { ...good, minApprovals: 2 }, 'minApprovals', 'policy_impossible'],
  [
    'distinct reviewers without reviewers',
    { ...good, distinctReviewers: true },
    'distinctReviewers',
    'policy_impossible',
  ],
  ['force without reviewers', { ...good, forceApproveGroups: ['sre'] }, 'forceApproveGroups', 'policy_impossible'],
  ['a window that never opens', { ...good, window: '22:00-22:00 UTC' }, 'window', 'policy_impossible'],
  [
    'requests expire before it opens',
    { ...good, window: '22:00-02:00 UTC', expire: '1h' },
    'window',
    'policy_impossible',
  ],
  ['a group nobody was ever in', { ...good, reviewers: ['sre', 'nosuch'] }, 'reviewers', 'group_unknown'],
  ['a variable that is none', { ...good, env: { '1A': 'x' } }, 'env', 'invalid_input'],
  ['a plugin that is none', { ...good, plugins: [{ name: 'teams' }] }, 'plugins', 'plugin_unknown'],
])('%s: refused by the field, in the words in which saving refuses it', async (_what, input, field, code) => {
  const { refusals } = await check(input);
  expect(refusals).toEqual([{ field, code, message: expect.any(String) }]);
  const saved = await save(input);
  expect(saved.body.error).toEqual({ code, message: refusals[0]?.message });
  expect((await ann.get('/api/connections/bash')).status).toBe(404);
});

test('several things that are wrong are told together', async () => {
  const { refusals } = await check({ ...good, agent: 'nowhere', window: 'soon', forceApproveGroups: ['nosuch'] });
  expect(refusals.map(({ field }) => field)).toEqual(['agent', 'window']);
  const more = await check({ ...good, command: [], reviewers: ['a'], forceApproveGroups: ['b'] });
  expect(more.refusals.map(({ field }) => field)).toEqual(['command', 'reviewers', 'forceApproveGroups']);
});

test('what nobody can complete today is a warning, the same as that of the saved connection', async () => {
  const input = { ...good, name: 'lonely', reviewers: ['sre', 'empty'], distinctReviewers: true };
  const checked = await check(input);
  expect(checked).toMatchObject({ refusals: [], warnings: [expect.stringContaining('nobody is in empty')] });
  const saved = await save(input);
  expect(saved.body.warnings).toEqual(checked.warnings);
  const few = await check({ ...input, overwrite: true, reviewers: ['sre'], minApprovals: 5 });
  expect(few.warnings).toEqual(['Nobody can complete a review today: 5 people must approve and only 1 can.']);
});

test('a change says how many requests ask again and how many grants run no more, and writes nothing', async () => {
  await save({ ...good, name: 'waited', reviewers: ['sre'], env: { A: '1' } });
  await askToRun(ann, { connection: 'waited' });
  await askToRun(dev, { connection: 'waited' });
  const grant = await askToRun(dev, { connection: 'waited', kind: 'connect', script: undefined });
  await api.db.query("update sessions set state = 'active', active_until = now() + interval '1 hour' where id = $1", [
    grant.id,
  ]);
  const before = await findConnection(api.db, 'waited');
  const change = (input: object) => check({ name: 'waited', overwrite: true, ...input });
  expect(await change({ command: ['sh'], reviewers: [] })).toMatchObject({
    changes: ['command', 'reviewers'],
    ...{ waiting: 2, grants: 1, refusals: [] },
  });
  expect(await change({ changeEnv: { A: '2' } })).toMatchObject({ changes: ['env'], waiting: 2 });
  expect(await change({ changeEnv: { A: '1' }, tags: { a: 'b' } })).toMatchObject({ changes: [], waiting: 0 });
  expect(await findConnection(api.db, 'waited')).toEqual(before);
});

test('a name that is taken is told before anything is saved', async () => {
  await save({ ...good, name: 'taken' });
  expect((await check({ ...good, name: 'taken' })).refusals).toMatchObject([{ field: 'name', code: 'name_taken' }]);
});

test('only admins may ask', async () => {
  expect((await dev.post('/api/connections/check', good)).status).toBe(403);
});

test('single variables are set and removed; what stays keeps its value, and no value is given back', async () => {
  const env = async () => {
    const row = await findConnection(api.db, 'sealed');
    return row?.envSealed ? JSON.parse(api.core.sealer.open(`connection:${row.id}`, row.envSealed)) : {};
  };
  await save({ ...good, name: 'sealed', env: { A: 'one', B: 'two' } });
  const changed = await save({ name: 'sealed', overwrite: true, changeEnv: { A: null, C: 'three-secret' } });
  expect(changed.body.envNames).toEqual(['B', 'C']);
  expect(JSON.stringify(changed.body)).not.toContain('three-secret');
  expect(await env()).toEqual({ B: 'two', C: 'three-secret' });
  const none = await save({ name: 'sealed', overwrite: true, changeEnv: { B: null, C: null } });
  expect([none.body.envNames, await env()]).toEqual([[], {}]);
  const both = await save({ name: 'sealed', overwrite: true, env: {}, changeEnv: {} });
  expect(both.body.error.message).toContain('together with env');
  const wrong = await save({ name: 'sealed', overwrite: true, changeEnv: { 'A B': 'x' } });
  expect(wrong.body.error.message).toMatch(/^changeEnv: "A B" is no name/);
});

test('who saves what they read a while ago is told that somebody changed it since', async () => {
  const made = await save({ ...good, name: 'shared' });
  const { revision, version } = made.body;
  const first = await save({ name: 'shared', overwrite: true, revision, tags: { team: 'x' } });
  expect(first.body).toMatchObject({ revision: revision + 1, version });
  const second = await save({ name: 'shared', overwrite: true, revision, maxRuns: 3 });
  expect([second.status, second.body.error.code]).toEqual([409, 'connection_outdated']);
  expect((await ann.get<ConnectionView>('/api/connections/shared')).body).toMatchObject({
    tags: { team: 'x' },
    maxRuns: 0,
  });
  const again = await save({ name: 'shared', overwrite: true, revision: revision + 1, maxRuns: 3 });
  expect(again.body).toMatchObject({ tags: { team: 'x' }, maxRuns: 3, revision: revision + 2 });
});
