import { describe, expect, test } from 'vitest';
import { clientOf, install, startSandbox } from './support.ts';

const OPS = 'C0OPS00002';
const [ALICE, BOB, CAROL] = ['U0ALICE001', 'U0BOB00002', 'U0CAROL003'];

async function setUp(changes: Parameters<typeof install>[1] = {}) {
  const sandbox = await startSandbox();
  const tokens = await install(sandbox.control, changes);
  const client = clientOf(sandbox, tokens.botToken);
  const call = async (method: string, args: Record<string, unknown> = {}) =>
    client.apiCall(method, args).catch((error: { data: object }) => error.data);
  return { sandbox, tokens, client, call };
}

describe('direct messages', () => {
  test('one with several people is a conversation of its own, the same each time', async () => {
    const { sandbox, call } = await setUp();
    const opened = await call('conversations.open', { users: `${ALICE},${BOB}` });
    const { channel } = opened as { channel: { id: string } };
    expect(channel.id).toMatch(/^C/);
    expect(await call('conversations.open', { users: `${BOB},${ALICE}`, return_im: true })).toMatchObject({
      no_op: true,
      already_open: true,
      channel: { id: channel.id, is_mpim: true, name: 'mpdm-alice--bob--hoopbot-1' },
    });
    expect(await call('chat.postMessage', { channel: channel.id, text: 'you two' })).toMatchObject({ ok: true });
    const seen = await sandbox.control.get(`messages?channel=${channel.id}&as=bob`);
    expect(seen.messages).toMatchObject([{ text: 'you two' }]);
    expect(await sandbox.control.get(`messages?channel=${channel.id}&as=carol`)).toMatchObject({ status: 403 });
  });

  test.each([
    [{ users: Array.from({ length: 9 }, (_none, index) => `U${index}`).join() }, 'too_many_users'],
    [{ users: `${BOB},U0NOBODY00` }, 'user_not_found'],
    [{ users: BOB, prevent_creation: true }, 'channel_not_found'],
    [{ channel: OPS }, 'method_not_supported_for_channel_type'],
    [{ channel: 'D0NOWHERE0' }, 'channel_not_found'],
  ])('conversations.open %j is refused with %s', async (args, error) => {
    const { call } = await setUp();
    expect(await call('conversations.open', args)).toMatchObject({ ok: false, error });
  });

  test('one person and several are two scopes', async () => {
    const { call } = await setUp({ scopes: ['im:write'] });
    expect(await call('conversations.open', { users: BOB })).toMatchObject({ ok: true });
    expect(await call('conversations.open', { users: `${BOB},${CAROL}` })).toMatchObject({ needed: 'mpim:write' });
  });
});

describe('channels', () => {
  test('a restriction of who may post keeps an app out, and is lifted', async () => {
    const { sandbox, call } = await setUp();
    const post = () => call('chat.postMessage', { channel: OPS, text: 'x' });
    await sandbox.control.post('posting', { channel: 'ops' });
    expect(await post()).toMatchObject({ error: 'restricted_action' });
    const error = 'restricted_action_read_only_channel';
    await sandbox.control.post('posting', { channel: 'ops', error });
    expect(await post()).toMatchObject({ error });
    await sandbox.control.post('posting', { channel: 'ops', error: null });
    expect(await post()).toMatchObject({ ok: true });
  });

  test('with the scopes of hoop an app makes, fills and archives a channel', async () => {
    const { call, tokens } = await setUp();
    const made = (await call('conversations.create', { name: 'incident-1' })) as unknown as { channel: { id: string } };
    const { id: channel } = made.channel;
    expect(await call('conversations.create', { name: 'incident-1' })).toMatchObject({ error: 'name_taken' });
    expect(await call('conversations.create', { name: 'Über' })).toMatchObject({ error: 'invalid_name_specials' });
    expect(await call('conversations.invite', { channel, users: `${ALICE},${BOB}` })).toMatchObject({ ok: true });
    expect(await call('conversations.invite', { channel, users: BOB })).toMatchObject({ error: 'already_in_channel' });
    expect(await call('conversations.members', { channel })).toMatchObject({ members: [tokens.botUserId, ALICE, BOB] });
    expect(await call('conversations.kick', { channel, user: BOB })).toMatchObject({ ok: true });
    expect(await call('conversations.rename', { channel, name: 'incident-2' })).toMatchObject({
      channel: { name: 'incident-2' },
    });
    expect(await call('conversations.archive', { channel })).toMatchObject({ ok: true });
    expect(await call('chat.postMessage', { channel, text: 'x' })).toMatchObject({ error: 'is_archived' });
    expect(await call('conversations.archive', { channel: OPS })).toMatchObject({ error: 'not_in_channel' });
  });

  test('names are for posting; everything else wants ids', async () => {
    const { call } = await setUp();
    expect(await call('chat.postMessage', { channel: '#ops', text: 'x' })).toMatchObject({ ok: true, channel: OPS });
    for (const method of ['conversations.info', 'chat.update', 'chat.delete', 'chat.getPermalink']) {
      const args = { channel: 'ops', ts: '1700000000.000100', message_ts: '1700000000.000100', text: 'x' };
      expect(await call(method, args)).toMatchObject({ error: 'channel_not_found' });
    }
  });
});

describe('what was said', () => {
  test('history leaves out threads and what only one person saw', async () => {
    const { sandbox, call } = await setUp({ scopes: ['chat:write', 'channels:history'] });
    await sandbox.control.post('invite', { channel: 'ops', user: 'Hoop Bot' });
    const { ts } = (await call('chat.postMessage', { channel: OPS, text: 'root' })) as unknown as { ts: string };
    await call('chat.postMessage', { channel: OPS, text: 'reply', thread_ts: ts });
    await call('chat.postEphemeral', { channel: OPS, text: 'psst', user: BOB });
    const history = (await call('conversations.history', { channel: OPS, oldest: ts, inclusive: true })) as object;
    expect(history).toMatchObject({ messages: [{ text: 'root', thread_ts: ts, reply_count: 1 }], has_more: false });
    expect(await call('conversations.replies', { channel: OPS, ts })).toMatchObject({
      messages: [{ text: 'root' }, { text: 'reply', thread_ts: ts }],
    });
    expect(await call('conversations.replies', { channel: OPS, ts: '1.1' })).toMatchObject({
      error: 'thread_not_found',
    });
  });

  test('what could be markup and is none comes back escaped', async () => {
    const { call } = await setUp();
    const text = 'a < b && c > d &amp; <@U0BOB00002> <!here> <https://x.test/?a&b|x>';
    expect(await call('chat.postMessage', { channel: OPS, text })).toMatchObject({
      message: { text: 'a &lt; b &amp;&amp; c &gt; d &amp; <@U0BOB00002> <!here> <https://x.test/?a&b|x>' },
    });
  });

  test('attachments are kept with their blocks, and count as content', async () => {
    const { call } = await setUp();
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x' } }];
    const post = (attachments: unknown) => call('chat.postMessage', { channel: OPS, attachments });
    expect(await post([{ color: '#f00', blocks }])).toMatchObject({
      message: { text: '', attachments: [{ id: 1, color: '#f00', blocks: [{ block_id: expect.any(String) }] }] },
    });
    expect(await post(Array(101).fill({ text: 'x' }))).toMatchObject({ error: 'too_many_attachments' });
    expect(await post('nonsense')).toMatchObject({ error: 'invalid_attachments' });
  });

  test('a permalink names channel, message and thread', async () => {
    const { call } = await setUp();
    const { ts } = (await call('chat.postMessage', { channel: OPS, text: 'root' })) as unknown as { ts: string };
    expect(await call('chat.getPermalink', { channel: OPS, message_ts: ts })).toMatchObject({
      permalink: `https://sandbox.slack.com/archives/${OPS}/p${ts.replace('.', '')}`,
    });
    expect(await call('chat.getPermalink', { channel: OPS, message_ts: '1.1' })).toMatchObject({
      error: 'message_not_found',
    });
    expect(await call('chat.getPermalink', { channel: OPS })).toMatchObject({ error: 'invalid_arguments' });
  });
});

describe('people', () => {
  test('with its scope an app looks people and bots up', async () => {
    const { call, tokens } = await setUp({ scopes: ['users:read', 'users:read.email'] });
    expect(await call('users.info', { user: BOB })).toMatchObject({ user: { name: 'bob', is_bot: false } });
    expect(await call('users.info', { user: tokens.botUserId })).toMatchObject({ user: { is_bot: true } });
    expect(await call('users.info', { user: 'U0NOBODY00' })).toMatchObject({ error: 'user_not_found' });
    expect(await call('users.lookupByEmail', { email: 'x@y.z' })).toMatchObject({ error: 'users_not_found' });
    expect(await call('bots.info', { bot: tokens.botId })).toMatchObject({ bot: { app_id: tokens.appId } });
    expect((await call('users.list')) as { members?: object[] }).toHaveProperty('members.length', 5);
  });
});
