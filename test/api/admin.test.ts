import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HoopError } from '#shared/errors.ts';
import type { GroupView } from '#shared/group-schemas.ts';
import type { AgentView, ConnectionView, PluginView, UserView } from '#shared/api-schemas.ts';
import type { Context } from '#core/context.ts';
import { saveUser } from '#core/save-user.ts';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { findConnection } from '#db/connections.ts';
import { addUser, password, startApi, type TestApi } from './support/api.ts';
import { caller, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { askToRun, finish, moveTo } from './support/sessions.ts';

let api: TestApi;
let admin: Caller;
let bob: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin', 'sre'], 'U0ANN');
  await addUser(api, 'bob@example.com', ['dev']);
  admin = await signInAs(api, 'ann@example.com');
  bob = await signInAs(api, 'bob@example.com');
});
afterAll(() => api.stop());

const codeOf = (answer: { body: unknown }) => (answer.body as ErrorAnswer).error?.code;
const messageOf = (answer: { body: unknown }) => (answer.body as ErrorAnswer).error?.message;

test('only admins keep users, agents and plugins, and change connections', async () => {
  const asked = [
    bob.get('/api/users'),
    bob.get('/api/groups'),
    bob.get('/api/users/ann@example.com'),
    bob.post('/api/users', { email: 'eve@example.com' }),
    bob.delete('/api/users/ann@example.com'),
    bob.get('/api/agents'),
    bob.post('/api/agents', { name: 'mine' }),
    bob.delete('/api/agents/mine'),
    bob.post('/api/connections', { name: 'mine', agent: 'mine', command: ['sh'] }),
    bob.delete('/api/connections/mine'),
    bob.get('/api/plugins'),
    bob.get('/api/plugins/slack'),
    bob.put('/api/plugins/slack', { config: {} }),
    bob.delete('/api/plugins/slack'),
    bob.get('/api/audit/verify'),
  ];
  for (const answer of await Promise.all(asked)) expect([answer.status, codeOf(answer)]).toEqual([403, 'not_allowed']);
});

// ---- users

test('a user is made once, and overwriting changes only what is named', async () => {
  const input = { email: 'Carl@Example.com', groups: ['sre', 'sre'], slackId: 'U0CARL', password };
  const made = await admin.post<UserView>('/api/users', input);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    email: 'carl@example.com',
    name: 'carl',
    groups: ['sre'],
    slackId: 'U0CARL',
    hasPassword: true,
    active: true,
    admin: false,
  });
  const again = await admin.post('/api/users', input);
  expect([again.status, codeOf(again)]).toEqual([409, 'name_taken']);
  const changed = await admin.post<UserView>('/api/users', {
    email: 'carl@example.com',
    name: 'Carl',
    overwrite: true,
  });
  expect(changed.status).toBe(200);
  expect(changed.body).toEqual({ ...made.body, name: 'Carl' });
  expect((await admin.get<UserView>('/api/users/carl%40example.com')).body).toEqual(changed.body);
  expect((await admin.get<UserView[]>('/api/users')).body.map((user) => user.email)).toContain('carl@example.com');
});

test('overwriting makes a user who is not there yet, with groups nobody named before', async () => {
  const input = { email: 'new@example.com', groups: ['brand new group'], overwrite: true };
  const made = await admin.post<UserView>('/api/users', input);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ groups: ['brand new group'], hasPassword: false, slackId: null });
});

test('a Slack id belongs to one user, and can be let go', async () => {
  const taken = await admin.post('/api/users', { email: 'dora@example.com', slackId: 'U0ANN' });
  expect([taken.status, codeOf(taken)]).toEqual([409, 'slack_id_taken']);
  expect(messageOf(taken)).toContain('ann@example.com');
  expect((await admin.get('/api/users/dora@example.com')).status).toBe(404);

  await admin.post('/api/users', { email: 'dora@example.com', slackId: 'U0DORA' });
  const moved = await admin.post<UserView>('/api/users', {
    email: 'dora@example.com',
    slackId: 'U0DORA2',
    overwrite: true,
  });
  expect(moved.body.slackId).toBe('U0DORA2');
  const free = await admin.post<UserView>('/api/users', { email: 'dora@example.com', slackId: null, overwrite: true });
  expect(free.body.slackId).toBeNull();
});

test('the last admin stays, whichever way they would go', async () => {
  const email = 'ann@example.com';
  for (const change of [{ groups: ['sre'] }, { active: false }]) {
    const refused = await admin.post('/api/users', { email, ...change, overwrite: true });
    expect([refused.status, codeOf(refused)]).toEqual([409, 'last_admin']);
  }
  expect(codeOf(await admin.delete(`/api/users/${email}`))).toBe('last_admin');
  // an admin who approves in Slack only cannot take over
  await admin.post('/api/users', { email: 'slack-only@example.com', groups: ['admin'] });
  expect(codeOf(await admin.delete(`/api/users/${email}`))).toBe('last_admin');
  await admin.delete('/api/users/slack-only@example.com');
});

test('of admins who are demoted at the same moment, one stays', async () => {
  await addUser(api, 'root1@example.com', ['admin']);
  await addUser(api, 'root2@example.com', ['admin']);
  await admin.post('/api/users', { email: 'ann@example.com', groups: ['admin', 'sre'], overwrite: true });
  // by the system: one who demotes themselves first may not demote the others afterwards
  const ctx: Context = { core: api.core, actor: { kind: 'system', name: 'test' } };
  const demote = (email: string) => saveUser(ctx, { email, groups: [], overwrite: true });
  const answers = await Promise.allSettled(['root1@example.com', 'root2@example.com', 'ann@example.com'].map(demote));
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(refused.map(({ reason }) => (reason as HoopError).code)).toEqual(['last_admin']);
  const left = await api.db.query(
    "select u.email from users u join user_groups g on g.user_id = u.id and group_name = 'admin'",
  );
  expect(left.rows).toHaveLength(1);
  await api.db.query("delete from user_groups where group_name = 'admin'");
  await api.db.query("insert into user_groups select id, 'admin' from users where email = 'ann@example.com'");
});

test('a new password and deactivating end the sign-ins of that person', async () => {
  await addUser(api, 'finn@example.com', []);
  const finn = await signInAs(api, 'finn@example.com');
  await admin.post('/api/users', { email: 'finn@example.com', password: 'another password', overwrite: true });
  expect((await finn.get('/api/me')).status).toBe(401);
  const wrong = await caller(api).post('/api/login', { email: 'finn@example.com', password });
  expect(codeOf(wrong)).toBe('wrong_credentials');
});

test('a user without history is deleted; one who asked for a session is deactivated and keeps it', async () => {
  await addUser(api, 'gil@example.com', []);
  expect((await admin.delete('/api/users/gil@example.com')).status).toBe(204);
  expect((await admin.get('/api/users/gil@example.com')).status).toBe(404);
  expect((await admin.delete('/api/users/gil@example.com')).status).toBe(404);

  await admin.post('/api/agents', { name: 'hist' });
  await admin.post('/api/connections', { name: 'hist', agent: 'hist', command: ['sh'] });
  await addUser(api, 'hana@example.com', [], 'U0HANA');
  const hana = await signInAs(api, 'hana@example.com');
  const session = await askToRun(hana, { connection: 'hist' });
  expect((await admin.delete('/api/users/hana@example.com')).status).toBe(204);
  const left = await admin.get<UserView>('/api/users/hana@example.com');
  expect(left.body).toMatchObject({ active: false, slackId: null });
  expect((await hana.get('/api/me')).status).toBe(401);
  expect((await admin.get(`/api/sessions/${session.id}`)).status).toBe(200);

  const back = await admin.post<UserView>('/api/users', { email: 'hana@example.com', groups: ['dev'] });
  expect(back.status).toBe(201);
  expect(back.body).toMatchObject({ id: left.body.id, active: true, groups: ['dev'], hasPassword: false });
});

test('overwriting leaves somebody who was deactivated as they are', async () => {
  const email = 'ivy@example.com';
  await admin.post('/api/users', { email, groups: ['dev'], password });
  await admin.post('/api/users', { email, active: false, overwrite: true });
  expect(messageOf(await admin.post('/api/users', { email }))).toContain('a deactivated user ivy@example.com');
  const changed = await admin.post<UserView>('/api/users', { email, name: 'Ivy', overwrite: true });
  expect(changed.body).toMatchObject({ active: false, groups: ['dev'], hasPassword: true });
  const back = await admin.post<UserView>('/api/users', { email, active: true, overwrite: true });
  expect(back.body.active).toBe(true);
});

test('groups are listed with their active members and what they review', async () => {
  await admin.post('/api/agents', { name: 'grouped' });
  await admin.post('/api/users', { email: 'lea@example.com', groups: ['counted', 'uncounted'] });
  await admin.post('/api/users', { email: 'max@example.com', groups: ['counted'] });
  await admin.post('/api/users', { email: 'max@example.com', active: false, overwrite: true });
  for (const name of ['grouped-1', 'grouped-2']) {
    await admin.post('/api/connections', { name, agent: 'grouped', command: ['sh'], reviewers: ['counted'] });
  }
  const all = await admin.get<GroupView[]>('/api/groups');
  expect(all.body.filter(({ name }) => name.endsWith('counted'))).toEqual([
    { name: 'counted', members: 1, reviews: 2 },
    { name: 'uncounted', members: 1, reviews: 0 },
  ]);
  for (const name of ['grouped-1', 'grouped-2']) await admin.delete(`/api/connections/${name}`);
});

// ---- agents

test('the token of an agent is shown once, and overwriting gives another', async () => {
  const made = await admin.post<AgentView & { token: string }>('/api/agents', { name: 'edge' });
  expect(made.status).toBe(201);
  expect(made.body.token).toMatch(/^hoop_agent_[\w-]{40,}$/);
  expect(codeOf(await admin.post('/api/agents', { name: 'edge' }))).toBe('name_taken');
  const again = await admin.post<AgentView & { token: string }>('/api/agents', { name: 'edge', overwrite: true });
  expect(again.status).toBe(200);
  expect(again.body.token).not.toBe(made.body.token);
  const seen = await admin.get('/api/agents/edge');
  expect(seen.body).toEqual({ ...made.body, gatewayUrl: undefined, token: undefined });
});

test('an agent goes once no connection and no open session needs it', async () => {
  await admin.post('/api/agents', { name: 'busy' });
  await admin.post('/api/connections', { name: 'busy', agent: 'busy', command: ['sh'] });
  const used = await admin.delete('/api/agents/busy');
  expect([used.status, codeOf(used)]).toEqual([409, 'agent_in_use']);
  expect(messageOf(used)).toContain('the connections busy');
  const session = await askToRun(admin, { connection: 'busy' });
  await moveTo(api, session.id, 'running');
  expect((await admin.delete('/api/connections/busy')).status).toBe(204);
  expect(messageOf(await admin.delete('/api/agents/busy'))).toContain('1 of its sessions has not ended');
  await finish(api, session.id);
  expect((await admin.delete('/api/agents/busy')).status).toBe(204);
  expect((await admin.get('/api/agents/busy')).status).toBe(404);
});

// ---- plugins

test('Slack is configured with tokens that Slack takes, and never gives them back', async () => {
  const refusals: [Record<string, string>, string, RegExp][] = [
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, 'invalid_input', /SLACK_APP_TOKEN is missing/],
    [{ SLACK_BOT_TOKEN: 'xapp-1', SLACK_APP_TOKEN: 'xoxb-1' }, 'invalid_input', /seem to be swapped/],
    [
      { SLACK_BOT_TOKEN: 'xoxp-1', SLACK_APP_TOKEN: 'xapp-1' },
      'invalid_input',
      /must start with xoxb-. This is the token of a person. Find/,
    ],
    [{ SLACK_TOKEN: 'xoxb-1' }, 'invalid_input', /"SLACK_TOKEN" is no setting/],
    [{ SLACK_BOT_TOKEN: 'xoxb-revoked', SLACK_APP_TOKEN: 'xapp-1' }, 'slack_refused', /token_revoked/],
  ];
  for (const [config, code, message] of refusals) {
    const refused = await admin.put('/api/plugins/slack', { config });
    expect(codeOf(refused)).toBe(code);
    expect(messageOf(refused)).toMatch(message);
  }
  expect((await admin.get('/api/plugins/slack')).status).toBe(404);

  const config = { SLACK_BOT_TOKEN: 'xoxb-first', SLACK_APP_TOKEN: 'xapp-first' };
  const made = await admin.put<PluginView>('/api/plugins/slack', { config });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    configured: ['SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN'],
    team: { id: 'T1', name: 'Acme' },
    state: 'connecting',
  });
  expect(JSON.stringify([made.body, (await admin.get('/api/plugins')).body])).not.toContain('first');
  expect(codeOf(await admin.put('/api/plugins/slack', { config }))).toBe('name_taken');
  expect(codeOf(await admin.put('/api/plugins/teams', { config }))).toBe('plugin_unknown');
  const changed = { config: { SLACK_APP_TOKEN: 'xapp-second' }, overwrite: true };
  expect((await admin.put('/api/plugins/slack', changed)).status).toBe(200);
  expect(await openSlackTokens(api.core)).toMatchObject({
    botToken: 'xoxb-first',
    appToken: 'xapp-second',
    version: 2,
  });
});

test('tokens that Slack refuses leave the ones before in place', async () => {
  const refused = await admin.put('/api/plugins/slack', {
    config: { SLACK_BOT_TOKEN: 'xoxb-revoked' },
    overwrite: true,
  });
  expect(codeOf(refused)).toBe('slack_refused');
  expect((await openSlackTokens(api.core))?.botToken).toBe('xoxb-first');
});

// ---- connections

test('a connection is refused with what to change', async () => {
  await admin.post('/api/agents', { name: 'default' });
  const good = { name: 'bash', agent: 'default', command: ['bash'] };
  const refusals: [Record<string, unknown>, string, RegExp][] = [
    [{ name: 'bash', agent: 'default' }, 'invalid_input', /command: is missing/],
    [{ name: 'bash', command: ['bash'] }, 'invalid_input', /agent: is missing/],
    [{ ...good, command: [] }, 'invalid_input', /command: must name the program/],
    [{ ...good, name: 'Bash!' }, 'invalid_input', /name: must be 1 to 63 lower-case letters/],
    [{ ...good, env: { '1X': 'y' } }, 'invalid_input', /env: "1X" is no name/],
    [{ ...good, allowEnv: ['A-B'] }, 'invalid_input', /allowEnv: "A-B" is no name/],
    [{ ...good, command: ['a\0b'] }, 'invalid_input', /NUL/],
    [{ ...good, agent: 'nobody' }, 'agent_unknown', /no agent "nobody"/],
    [{ ...good, reviewers: ['nosuch'] }, 'group_unknown', /nosuch/],
    [{ ...good, reviewers: ['sre'], forceApproveGroups: ['nosuch'] }, 'group_unknown', /nosuch/],
    [{ ...good, minApprovals: 2 }, 'policy_impossible', /needs reviewer groups/],
    [{ ...good, distinctReviewers: true }, 'policy_impossible', /needs? reviewer groups/],
    [{ ...good, forceApproveGroups: ['sre'] }, 'policy_impossible', /needs? reviewer groups/],
    [{ ...good, window: '22:00-22:00 UTC' }, 'policy_impossible', /time window never opens.*00:00-24:00/],
    [{ ...good, window: '22:00-02:00' }, 'policy_impossible', /names no time zone/],
    [{ ...good, window: '22:00-02:00 UTC', expire: '20h' }, 'policy_impossible', /closed for up to 20h.*--expire/],
    [{ ...good, window: 'Sat 22:00-02:00 UTC' }, 'policy_impossible', /closed for up to 6d20h/],
    [{ ...good, plugins: [{ name: 'jira' }] }, 'plugin_unknown', /"jira"/],
    [
      { ...good, plugins: [{ name: 'slack' }, { name: 'slack' }] },
      'invalid_input',
      /name it once with all its channels/,
    ],
    [{ ...good, plugins: [{ name: 'slack', channels: ['#nowhere'] }] }, 'slack_channel_refused', /#nowhere/],
    [{ ...good, runAs: '-u root' }, 'invalid_input', /runAs: must be the name of a user/],
    [{ ...good, maxInput: 9 * 1024 ** 2 }, 'invalid_input', /maxInput: .*8388608/],
    [{ ...good, maxRuns: 1.5 }, 'invalid_input', /maxRuns/],
    [{ ...good, idle: 'soon' }, 'invalid_input', /idle: must be a duration from 0s to 7d/],
    [{ ...good, keep: '36h' }, 'invalid_input', /keep: must be whole days, as in 90d/],
    [{ ...good, minAprovals: 2 }, 'invalid_input', /"minAprovals" is no field/],
  ];
  for (const [input, code, message] of refusals) {
    const refused = await admin.post('/api/connections', input);
    expect([codeOf(refused), messageOf(refused)]).toEqual([code, expect.stringMatching(message)]);
  }
  expect((await admin.get('/api/connections/bash')).status).toBe(404);
});

test('overwriting a connection changes only what is named; channels and env stay', async () => {
  const made = await admin.post<ConnectionView>('/api/connections', {
    name: 'bash',
    agent: 'default',
    command: ['bash'],
    reviewers: ['admin', 'sre'],
    plugins: [{ name: 'review' }, { name: 'slack', channels: ['#ops', 'C0DEV', 'C0OPS'] }],
    env: { SECRET: 'hush', A: '1' },
    tags: { team: 'x' },
    expire: '2h',
    maxRuntime: '90s',
    requireReason: true,
  });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({
    version: 1,
    reviewers: ['admin', 'sre'],
    plugins: [{ name: 'slack', channels: ['#ops', '#dev'] }],
    envNames: ['A', 'SECRET'],
    expire: '2h',
    maxRuntime: '1m30s',
    maxOutput: 1024 ** 3,
    warnings: [],
  });
  expect(JSON.stringify(made.body)).not.toContain('hush');
  const row = await findConnection(api.db, 'bash');
  expect(row?.plugins[0]?.channelIds).toEqual(['C0OPS', 'C0DEV']);
  expect(JSON.parse(api.core.sealer.open(`connection:${row?.id}`, row?.envSealed ?? Buffer.alloc(0)))).toEqual({
    SECRET: 'hush',
    A: '1',
  });

  const guide = { name: 'bash', overwrite: true, agent: 'default', reviewers: ['admin', 'sre'], command: ['bash'] };
  const same = await admin.post<ConnectionView>('/api/connections', { ...guide, plugins: [{ name: 'slack' }] });
  expect(same.status).toBe(200);
  expect(same.body).toEqual({ ...made.body, revision: 2, updatedAt: same.body.updatedAt });
  expect(codeOf(await admin.post('/api/connections', { ...guide, overwrite: false }))).toBe('name_taken');
});

test('limits of a connection are kept, and stay unless they are named', async () => {
  const save = (more: Record<string, unknown>) =>
    admin.post<ConnectionView>('/api/connections', { name: 'limited', overwrite: true, ...more });
  const made = await save({ agent: 'default', command: ['sh'] });
  expect(made.body).toMatchObject({ runAs: null, maxInput: 8 * 1024 ** 2, maxRuns: 0, idle: '0s', keep: '0s' });
  const limits = { runAs: 'deploy', maxInput: 1024, maxRuns: 3, idle: '15m', keep: '90d' };
  const limited = await save(limits);
  expect(limited.body).toMatchObject({ ...limits, version: 2 });
  expect((await save({ maxRuns: 4 })).body).toMatchObject({ ...limits, maxRuns: 4, version: 2 });
  const none = await save({ runAs: '', maxRuns: 0, idle: 0, keep: 0 });
  expect(none.body).toMatchObject({ runAs: null, maxInput: 1024, maxRuns: 0, idle: '0s', keep: '0s', version: 3 });
  const audited = await api.db.query(
    `select details from audit_log where action = 'connection.change' and subject = 'connection:limited' order by id`,
  );
  expect(audited.rows[0]).toMatchObject({ details: { runAs: 'deploy', limits: { maxRuns: 3, keepDays: 90 } } });
});

test('more standard input than the connection takes is refused when it is asked for', async () => {
  await admin.post('/api/connections', { name: 'narrow', agent: 'default', command: ['cat'], maxInput: 4 });
  const ask = (script: string) => bob.post('/api/sessions', { connection: 'narrow', script });
  const refused = await ask('12345');
  expect([refused.status, codeOf(refused), messageOf(refused)]).toEqual([
    413,
    'too_large',
    'The standard input has 5 bytes; narrow takes 4 at most (--max-input of the connection).',
  ]);
  expect((await ask('1234')).status).toBe(201);
});

test('the version of a connection counts what reviewers approve: command, agent, env, user and policy', async () => {
  const change = async (input: Record<string, unknown>) =>
    (await admin.post<ConnectionView>('/api/connections', { name: 'bash', overwrite: true, ...input })).body.version;
  await admin.post('/api/agents', { name: 'other' });
  expect(await change({ tags: { team: 'y' }, expire: '3h', requireReason: false })).toBe(1);
  expect(await change({ env: { A: '1', SECRET: 'hush' } })).toBe(1);
  expect(await change({ env: { A: '2' } })).toBe(2);
  expect(await change({ command: ['bash', '-x'] })).toBe(3);
  expect(await change({ agent: 'other' })).toBe(4);
  expect(await change({ reviewers: ['sre'] })).toBe(5);
  expect(await change({ minApprovals: 1 })).toBe(6);
  expect(await change({ runAs: 'deploy' })).toBe(7);
  expect(await change({ maxInput: 1000, maxRuns: 1, idle: '5m', keep: '30d' })).toBe(7);
});

test('a time window is kept in one form, stays unless it is named, and goes when it is empty', async () => {
  const save = (more: Record<string, unknown>) =>
    admin.post<ConnectionView>('/api/connections', { name: 'windowed', agent: 'default', command: ['sh'], ...more });
  expect((await save({ window: 'mon-sun 22:00-2:00 utc', expire: '2d' })).body.window).toBe('22:00-02:00 UTC');
  const shorter = await save({ overwrite: true, expire: '1h' });
  expect([codeOf(shorter), messageOf(shorter)]).toEqual(['policy_impossible', expect.stringContaining('--expire')]);
  expect((await save({ overwrite: true, expire: '21h' })).body).toMatchObject({
    window: '22:00-02:00 UTC',
    version: 1,
  });
  expect((await save({ overwrite: true, window: '' })).body).toMatchObject({ window: null, version: 2 });
});

test('a request whose time window does not open before it expires is refused, and says when it opens', async () => {
  const hour = new Date().getUTCHours();
  const at = (hours: number) => `${String((hour + hours) % 24).padStart(2, '0')}:00`;
  const window = `${at(5)}-${at(6)} UTC`;
  await admin.post('/api/connections', { name: 'later', agent: 'default', command: ['sh'], window, expire: '2d' });
  expect((await askToRun(admin, { connection: 'later' })).state).toBe('queued');
  await api.db.query("update connections set expire_seconds = 3600 where name = 'later'");
  const refused = await admin.post('/api/sessions', { connection: 'later', script: 'ls' });
  expect(codeOf(refused)).toBe('window_closed');
  expect(messageOf(refused)).toContain(`${at(5)} UTC, after this request expires`);
});

test('a group without members is a warning, not a refusal', async () => {
  await admin.post('/api/users', { email: 'idle@example.com', groups: ['empty'] });
  await admin.post('/api/users', { email: 'idle@example.com', groups: [], overwrite: true });
  const made = await admin.post<ConnectionView>('/api/connections', {
    name: 'warned',
    agent: 'default',
    command: ['sh'],
    reviewers: ['empty'],
    plugins: [{ name: 'slack' }],
  });
  expect(made.status).toBe(201);
  expect(made.body.warnings).toEqual([
    'Nobody can complete a review today: nobody is in empty.',
    'No channel of slack is named, so reviewers are not asked there.',
  ]);
});

test('everybody who is signed in sees the connections there are', async () => {
  expect((await bob.get<ConnectionView[]>('/api/connections')).body.map((c) => c.name)).toContain('bash');
  expect((await bob.get<ConnectionView>('/api/connections/bash')).body.name).toBe('bash');
});

test('who asks is told why nobody could approve it for them today', async () => {
  await addUser(api, 'solo@example.com', ['soloists']);
  const solo = await signInAs(api, 'solo@example.com');
  await admin.post('/api/connections', { name: 'lonely', agent: 'default', command: ['sh'], reviewers: ['soloists'] });
  const whyFor = async (who: Caller) => (await who.get<ConnectionView>('/api/connections/lonely')).body.whyNobody;
  expect(await whyFor(solo)).toBe('nobody but you is in soloists');
  expect(await whyFor(bob)).toBeUndefined();
  const listed = (await solo.get<ConnectionView[]>('/api/connections')).body;
  expect(listed.find(({ name }) => name === 'lonely')?.whyNobody).toBe('nobody but you is in soloists');
});

test('without Slack, a connection cannot name it', async () => {
  expect((await admin.delete('/api/plugins/slack')).status).toBe(204);
  expect((await admin.delete('/api/plugins/slack')).status).toBe(404);
  const refused = await admin.post('/api/connections', { name: 'bash', overwrite: true, plugins: [{ name: 'slack' }] });
  expect([refused.status, codeOf(refused)]).toEqual([422, 'plugin_unknown']);
  expect(messageOf(refused)).toContain('hoop admin create plugin slack');
});

test('all of this is in the audit log, in one unbroken chain and without a secret', async () => {
  const verdict = await admin.get<{ ok: boolean; rows: number }>('/api/audit/verify');
  expect(verdict.body).toEqual({ ok: true, rows: expect.any(Number) });
  expect(verdict.body.rows).toBeGreaterThan(20);
  const log = JSON.stringify((await api.db.query('select * from audit_log')).rows);
  for (const secret of ['hush', 'xoxb-', 'xapp-', password, 'hoop_agent_']) expect(log).not.toContain(secret);
  await api.db.query('alter table audit_log disable trigger audit_append_only');
  await api.db.query("update audit_log set details = '{}' where id = 3");
  expect((await admin.get('/api/audit/verify')).body).toMatchObject({ ok: false, firstBroken: 3 });
});
