/** What the pages about Slack ask for: the manifest, channels to choose from, a test message. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PluginView } from '#shared/api-schemas.ts';
import type { SlackChannelList, SlackTestSent } from '#shared/slack-admin-schemas.ts';
import { openSlackTokens } from '#core/slack-tokens.ts';
import type { SlackChannel } from '#core/slack-verifier.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { caller, signInAs, type Caller, type ErrorAnswer } from './support/client.ts';
import { testSlack } from './support/slack.ts';
import manifest from '../../slack/manifest.json' with { type: 'json' };

let api: TestApi;
let admin: Caller;
let other: Caller;
let bob: Caller;
let channels: SlackChannel[];
/** Happens while Slack is asked about tokens, once. */
let whileVerifying: (() => Promise<unknown>) | undefined;

const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
const configure = (config: Partial<typeof tokens>) =>
  admin.put<PluginView>('/api/plugins/slack', { config, overwrite: true });
const errorOf = (answer: { body: unknown }) => (answer.body as ErrorAnswer).error;

beforeAll(async () => {
  const verify: typeof testSlack.verify = async (asked) => {
    await whileVerifying?.();
    return testSlack.verify(asked);
  };
  api = await startApi({ slack: { ...testSlack, verify, listChannels: async () => channels } });
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'zoe@example.com', ['admin']);
  await addUser(api, 'bob@example.com', ['sre']);
  admin = await signInAs(api, 'ann@example.com');
  other = await signInAs(api, 'zoe@example.com');
  bob = await signInAs(api, 'bob@example.com');
});
beforeEach(async () => {
  channels = ['alerts', 'ops', 'ops-night', 'sre-ops'].map((name) => ({
    id: `C0${name.toUpperCase()}`,
    name: `#${name}`,
  }));
  await api.db.query('delete from plugins');
  await api.db.query('delete from slack_pace');
  await api.db.query('delete from slack_turns');
});
afterAll(() => api.stop());

test('the manifest is the one that hoop slack manifest prints', async () => {
  expect((await bob.get('/api/plugins/slack/manifest')).body).toEqual(manifest);
  expect((await caller(api).get('/api/plugins/slack/manifest')).status).toBe(401);
});

test.each([
  ['changes the other token', true, { SLACK_APP_TOKEN: 'xapp-2' }],
  ['configures Slack for the first time', false, { SLACK_BOT_TOKEN: 'xoxb-3', SLACK_APP_TOKEN: 'xapp-3' }],
])('two admins undo nothing of each other: one %s meanwhile', async (_what, before, config) => {
  if (before) await configure(tokens);
  const version = async () => (await api.db.query('select version from plugins')).rows;
  whileVerifying = async () => {
    whileVerifying = undefined;
    const body = { config, overwrite: true };
    expect((await other.put('/api/plugins/slack', body)).status).toBeLessThan(300);
  };
  const late = await configure(before ? { SLACK_BOT_TOKEN: 'xoxb-2' } : tokens);
  expect([late.status, errorOf(late).code]).toEqual([409, 'plugin_outdated']);
  expect(await openSlackTokens(api.core)).toMatchObject({
    botToken: before ? 'xoxb-1' : 'xoxb-3',
    appToken: before ? 'xapp-2' : 'xapp-3',
  });
  expect(await version()).toEqual([{ version: before ? 2 : 1 }]);
  // asked again, both hold
  expect((await configure({ SLACK_BOT_TOKEN: 'xoxb-2' })).status).toBe(200);
  expect(await openSlackTokens(api.core)).toMatchObject({ botToken: 'xoxb-2' });
});

test('channels are for admins, and there are none while Slack is not configured', async () => {
  await configure(tokens);
  const path = '/api/plugins/slack/channels?search=ops';
  expect([(await bob.get(path)).status, (await admin.get(path)).status]).toEqual([403, 200]);
  await admin.delete('/api/plugins/slack');
  expect(errorOf(await admin.get(path)).code).toBe('plugin_unknown');
});

test('channels that begin with what is typed come before those that hold it', async () => {
  await configure(tokens);
  const search = async (text: string) => {
    const path = `/api/plugins/slack/channels?search=${encodeURIComponent(text)}`;
    return (await admin.get<SlackChannelList>(path)).body;
  };
  const names = async (text: string) => (await search(text)).channels.map(({ name }) => name);
  expect(await names('ops')).toEqual(['#ops', '#ops-night', '#sre-ops']);
  expect(await names(' #OPS')).toEqual(['#ops', '#ops-night', '#sre-ops']);
  expect(await names('c0alerts')).toEqual(['#alerts']);
  expect(await names('')).toEqual(['#alerts', '#ops', '#ops-night', '#sre-ops']);
  expect(await search('nowhere')).toEqual({ channels: [], total: 0 });
});

test('of thousands of channels those are given that anybody reads, and how many there are', async () => {
  await configure(tokens);
  channels = Array.from({ length: 5_000 }, (_, n) => ({ id: `C${n}`, name: `#team-${n}` }));
  const { body } = await admin.get<SlackChannelList>('/api/plugins/slack/channels?search=team-1');
  expect(body.channels).toHaveLength(50);
  expect(body.total).toBe(1_111);
  const [one] = (await admin.get<SlackChannelList>('/api/plugins/slack/channels?search=team-4999')).body.channels;
  expect(one).toEqual({ id: 'C4999', name: '#team-4999' });
});

test('a test message says where it arrived, is told of in the audit log, and is for admins', async () => {
  await configure(tokens);
  const path = '/api/plugins/slack/test-message';
  expect((await bob.post(path, { channel: '#ops' })).status).toBe(403);
  const sent = await admin.post<SlackTestSent>(path, { channel: '#ops' });
  expect(sent.body.channel).toEqual({ id: 'C0OPS', name: '#ops' });
  expect(errorOf(await admin.post(path, { channel: '#nowhere' }))).toMatchObject({
    code: 'slack_channel_refused',
    message: expect.stringContaining('#nowhere'),
  });
  const logged = await api.db.query(
    "select actor, subject, details from audit_log where action = 'plugin.test' order by id",
  );
  expect(logged.rows).toEqual([
    { actor: 'user:ann@example.com', subject: 'plugin:slack', details: { channel: '#ops', team: 'T1' } },
    { actor: 'user:ann@example.com', subject: 'plugin:slack', details: { channel: '#nowhere', team: 'T1' } },
  ]);
});

test('all admins together may send a few of them at once, and are told when they may send the next', async () => {
  await configure(tokens);
  const send = (who: Caller) => who.post('/api/plugins/slack/test-message', { channel: '#ops' });
  for (const who of [admin, other, admin]) expect((await send(who)).status).toBe(200);
  const refused = await send(other);
  expect([refused.status, errorOf(refused).code]).toEqual([429, 'too_many_attempts']);
  const seconds = /in ([1-5]) s\.$/.exec(errorOf(refused).message)?.[1];
  expect(refused.headers.get('retry-after')).toBe(seconds);
});

test('a channel that refused is no longer shown as refusing once it took a test message', async () => {
  await configure(tokens);
  await api.db.query(
    `insert into slack_channels (team_id, channel, name, code, advice, failing_since, failures, last_failure_at, next_try_at)
     values ('T1', 'C0OPS', '#ops', 'not_in_channel', 'Invite it.', now(), 1, now(), now() + interval '1 hour')`,
  );
  await admin.post('/api/plugins/slack/test-message', { channel: '#ops' });
  const found = await api.db.query('select code, next_try_at from slack_channels');
  expect(found.rows).toEqual([{ code: null, next_try_at: null }]);
});

test('each token has its own time, which changes with that token alone', async () => {
  const first = (await configure(tokens)).body.configuredAt;
  expect(Object.keys(first).sort()).toEqual(['SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN']);
  const second = (await configure({ SLACK_APP_TOKEN: 'xapp-2' })).body.configuredAt;
  expect(second['SLACK_BOT_TOKEN']).toBe(first['SLACK_BOT_TOKEN']);
  expect(Date.parse(second['SLACK_APP_TOKEN'] ?? '')).toBeGreaterThan(Date.parse(first['SLACK_APP_TOKEN'] ?? ''));
});

test('of two tokens that are wrong each is named in a line of its own, and neither is repeated', async () => {
  const refused = errorOf(await configure({ SLACK_BOT_TOKEN: 'xapp-secret-1', SLACK_APP_TOKEN: 'xoxb-secret-2' }));
  const [bot, app, ...more] = refused.message.split('\n');
  expect(bot).toMatch(/^config: SLACK_BOT_TOKEN must start with xoxb-.*swapped/);
  expect(app).toMatch(/^config: SLACK_APP_TOKEN must start with xapp-.*swapped/);
  expect(more).toEqual([]);
  expect(refused.message).not.toContain('secret');
});
