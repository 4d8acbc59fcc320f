import { describe, expect, test } from 'vitest';
import { approveBlocks, clientOf, install, startSandbox } from './support.ts';

const OPS = 'C0OPS00002';
const SECRET = 'C0SECRET04';
const BOB = 'U0BOB00002';

async function setUp(changes: Parameters<typeof install>[1] = {}) {
  const sandbox = await startSandbox();
  const tokens = await install(sandbox.control, changes);
  return { sandbox, tokens, client: clientOf(sandbox, tokens.botToken) };
}

/** What Slack answered to a call it refused. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (answer) => ({ unexpected: answer }),
    (error: { data: unknown }) => error.data,
  );
}

describe('tokens and scopes', () => {
  test('auth.test says who the bot is', async () => {
    const { tokens, client } = await setUp();
    expect(await client.auth.test()).toMatchObject({
      ok: true,
      url: 'https://sandbox.slack.com/',
      team: 'Sandbox',
      team_id: 'T0SANDBOX0',
      user: 'Hoop Bot',
      user_id: tokens.botUserId,
      bot_id: tokens.botId,
      is_enterprise_install: false,
    });
  });

  test('each method takes its kind of token and no other', async () => {
    const { sandbox, tokens, client } = await setUp();
    const withAppToken = clientOf(sandbox, tokens.appToken);
    const post = withAppToken.chat.postMessage({ channel: OPS, text: 'x' });
    expect(await refusal(post)).toMatchObject({ ok: false, error: 'not_allowed_token_type' });
    expect(await refusal(client.apps.connections.open({}))).toMatchObject({ error: 'not_allowed_token_type' });
    expect(await refusal(clientOf(sandbox, 'xoxb-other').auth.test())).toMatchObject({ error: 'invalid_auth' });
    const nobody = await fetch(`${sandbox.apiUrl}auth.test`, { method: 'POST' });
    expect(await nobody.json()).toEqual({ ok: false, error: 'not_authed' });
  });

  test('a revoked token is refused with the reason', async () => {
    const { sandbox, tokens, client } = await setUp();
    await sandbox.control.post('revoke', { token: tokens.botToken, error: 'account_inactive' });
    expect(await refusal(client.auth.test())).toMatchObject({ error: 'account_inactive' });
  });

  test('a missing scope is named beside those the token has', async () => {
    const { client } = await setUp({ scopes: ['chat:write', 'im:write'] });
    const answer = await refusal(client.conversations.list());
    expect(answer).toMatchObject({ error: 'missing_scope', needed: 'channels:read', provided: 'chat:write,im:write' });
  });

  test('the scopes of the manifest list no private channels and join none', async () => {
    const { client } = await setUp();
    const list = client.conversations.list({ types: 'public_channel,private_channel' });
    expect(await refusal(list)).toMatchObject({ error: 'missing_scope', needed: 'groups:read' });
    const join = client.conversations.join({ channel: OPS });
    expect(await refusal(join)).toMatchObject({ error: 'missing_scope', needed: 'channels:join' });
  });

  test('forms, JSON and queries are all understood, unknown methods are not', async () => {
    const { sandbox, tokens } = await setUp();
    const headers = { authorization: `Bearer ${tokens.botToken}` };
    const json = await fetch(`${sandbox.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ channel: 'ops', text: 'by JSON', blocks: approveBlocks }),
    });
    expect(await json.json()).toMatchObject({ ok: true, channel: OPS, message: { text: 'by JSON' } });
    expect(json.headers.get('x-oauth-scopes')).toContain('chat:write.public');
    const get = await fetch(`${sandbox.apiUrl}conversations.info?channel=${OPS}`, { headers });
    expect(await get.json()).toMatchObject({ ok: true, channel: { id: OPS, name: 'ops', is_member: false } });
    const unknown = await fetch(`${sandbox.apiUrl}chat.shout`, { method: 'POST', headers });
    expect(await unknown.json()).toMatchObject({ ok: false, error: 'unknown_method' });
    const broken = await fetch(`${sandbox.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"channel":',
    });
    expect(await broken.json()).toEqual({ ok: false, error: 'invalid_json' });
  });
});

describe('messages', () => {
  test('a posted message comes back with its ids filled in', async () => {
    const { client, tokens } = await setUp();
    const { message } = await client.chat.postMessage({
      channel: OPS,
      text: 'x',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'hello' } }],
    });
    expect(message).toMatchObject({ type: 'message', bot_id: tokens.botId, app_id: tokens.appId, team: 'T0SANDBOX0' });
    expect(message?.blocks?.[0]).toMatchObject({
      block_id: expect.any(String),
      text: { text: 'hello', verbatim: false },
    });
  });

  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const button = (action_id: string, text = 'Go') => ({
    type: 'button',
    action_id,
    text: { type: 'plain_text', text },
  });
  test.each([
    [
      'a section of more than 3,000 characters',
      [section('x'.repeat(3001))],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['an empty text', [section('')], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    [
      '51 blocks',
      Array.from({ length: 51 }, () => ({ type: 'divider' })),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    ['a block of no known type', [{ type: 'sectoin' }], 'unsupported type: sectoin [json-pointer:/blocks/0/type]'],
    ['a section without text', [{ type: 'section' }], 'missing required field: text [json-pointer:/blocks/0]'],
    [
      'a header of mrkdwn',
      [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
      'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
    ],
    [
      'a long button',
      [{ type: 'actions', elements: [button('a', 'x'.repeat(76))] }],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'an action id twice',
      [{ type: 'actions', elements: [button('a'), button('a')] }],
      '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'a block id twice',
      [
        { ...section('a'), block_id: 'b' },
        { ...section('c'), block_id: 'b' },
      ],
      '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'an unknown property',
      [{ type: 'divider', color: 'red' }],
      'invalid additional property: color [json-pointer:/blocks/0]',
    ],
    [
      'a rich text of mrkdwn',
      [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'mrkdwn', text: 'x' }] }],
        },
      ],
      'unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/elements/0/type]',
    ],
  ])('%s is refused as Slack does it', async (_what, blocks, problem) => {
    const { client } = await setUp();
    const answer = await refusal(client.chat.postMessage({ channel: OPS, text: 'x', blocks: blocks as never }));
    expect(answer).toMatchObject({
      ok: false,
      error: 'invalid_blocks',
      errors: [problem],
      response_metadata: { messages: [`[ERROR] ${problem}`] },
    });
  });

  test('blocks that are too much text, and text that is too long, are refused or cut', async () => {
    const { client } = await setUp();
    const blocks = Array.from({ length: 5 }, () => section('x'.repeat(2900)));
    expect(await refusal(client.chat.postMessage({ channel: OPS, text: 'x', blocks }))).toMatchObject({
      error: 'msg_blocks_too_long',
    });
    const long = await client.chat.postMessage({ channel: OPS, text: 'x'.repeat(40_001) });
    expect(long.message?.text).toHaveLength(40_000);
    const update = client.chat.update({ channel: OPS, ts: long.ts!, text: 'x'.repeat(4001) });
    expect(await refusal(update)).toMatchObject({ error: 'msg_too_long' });
    expect(await refusal(client.chat.postMessage({ channel: OPS, text: '' }))).toMatchObject({ error: 'no_text' });
  });

  test('blocks that are not JSON are refused before anything else is looked at', async () => {
    const { sandbox, tokens } = await setUp();
    const body = new URLSearchParams({ token: tokens.botToken, channel: OPS, text: 'x', blocks: '[{' });
    const response = await fetch(`${sandbox.apiUrl}chat.postMessage`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ ok: false, error: 'invalid_blocks_format' });
  });

  test('an app changes and deletes its own messages and nobody else does', async () => {
    const { sandbox, client } = await setUp();
    const other = clientOf(sandbox, (await install(sandbox.control, { name: 'other' })).botToken);
    const { ts } = await client.chat.postMessage({ channel: OPS, text: 'mine' });
    const update = other.chat.update({ channel: OPS, ts: ts!, text: 'theirs' });
    expect(await refusal(update)).toMatchObject({ error: 'cant_update_message' });
    expect(await refusal(other.chat.delete({ channel: OPS, ts: ts! }))).toMatchObject({ error: 'cant_delete_message' });
    await client.chat.delete({ channel: OPS, ts: ts! });
    const again = client.chat.update({ channel: OPS, ts: ts!, text: 'x' });
    expect(await refusal(again)).toMatchObject({ error: 'message_not_found' });
  });

  test('channels are archived, private, or need an invitation', async () => {
    const { sandbox, client } = await setUp();
    const post = (channel: string) => client.chat.postMessage({ channel, text: 'x' });
    expect(await refusal(post('C0ARCHIVE5'))).toMatchObject({ error: 'is_archived' });
    expect(await refusal(post(SECRET))).toMatchObject({ error: 'channel_not_found' });
    expect(await refusal(post('C0NOWHERE0'))).toMatchObject({ error: 'channel_not_found' });
    await sandbox.control.post('invite', { channel: 'secret-ops', user: 'Hoop Bot' });
    await expect(post(SECRET)).resolves.toMatchObject({ ok: true });
    await expect(post('#ops')).resolves.toMatchObject({ ok: true, channel: OPS });

    const modest = clientOf(
      sandbox,
      (await install(sandbox.control, { name: 'modest', scopes: ['chat:write'] })).botToken,
    );
    expect(await refusal(modest.chat.postMessage({ channel: OPS, text: 'x' }))).toMatchObject({
      error: 'not_in_channel',
    });
  });

  test('an ephemeral message is seen by one person, who must be in the channel, and cannot be changed', async () => {
    const { sandbox, client } = await setUp();
    const say = (channel: string, user: string) => client.chat.postEphemeral({ channel, user, text: 'psst' });
    expect(await refusal(say(OPS, BOB))).toMatchObject({ error: 'not_in_channel' });
    await sandbox.control.post('invite', { channel: 'sre', user: 'Hoop Bot' });
    expect(await refusal(say('C0SRE00003', 'U0DAVE0004'))).toMatchObject({ error: 'user_not_in_channel' });
    const { message_ts } = await say('C0SRE00003', BOB);

    const texts = async (as: string) => {
      const { messages } = await sandbox.control.get(`messages?channel=sre&as=${as}`);
      return messages.filter((message) => message.ephemeral);
    };
    expect(await texts('bob')).toMatchObject([{ ts: message_ts, text: 'psst', ephemeral: true }]);
    expect(await texts('carol')).toEqual([]);
    const update = client.chat.update({ channel: 'C0SRE00003', ts: message_ts!, text: 'x' });
    expect(await refusal(update)).toMatchObject({ error: 'message_not_found' });
  });
});

describe('input that makes no sense', () => {
  const long = 'x'.repeat(5000);
  test.each([
    ['chat.postMessage', {}, 'channel_not_found'],
    ['chat.postMessage', { channel: long, text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: { a: 1 }, text: 'x' }, 'channel_not_found'],
    ['chat.postMessage', { channel: 'ops', text: 'x', blocks: { type: 'divider' } }, 'invalid_blocks_format'],
    [
      'chat.postMessage',
      { channel: 'ops', text: 'x', blocks: [null, 7, [], { type: 'actions', elements: 'x' }] },
      'invalid_blocks',
    ],
    ['chat.postMessage', { channel: 'ops', text: 'x', thread_ts: long }, 'invalid_thread_ts'],
    ['chat.update', { channel: OPS, ts: long, text: 'x' }, 'message_not_found'],
    ['chat.update', { channel: 'ops', ts: long, text: 'x' }, 'channel_not_found'],
    ['conversations.open', { users: long }, 'user_not_found'],
    ['conversations.join', {}, 'missing_scope'],
    ['conversations.open', {}, 'users_list_not_supplied'],
    [
      'views.open',
      { trigger_id: long, view: { type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] } },
      'invalid_trigger_id',
    ],
    ['views.open', { trigger_id: 'x', view: 'not json' }, 'invalid_arguments'],
    ['views.update', { view_id: long, view: {} }, 'not_found'],
    ['views.open', { view: {} }, 'invalid_arguments'],
    ['views.update', { view: {} }, 'invalid_arguments'],
    ['views.publish', { user_id: 'U0BOB00002', view: { type: 'home', blocks: [] } }, 'not_enabled'],
    ['__proto__', {}, 'unknown_method'],
  ])('%s %j is refused with %s', async (method, body, error) => {
    const { sandbox, tokens } = await setUp();
    const response = await fetch(`${sandbox.apiUrl}${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([response.status, await response.json()]).toMatchObject([200, { ok: false, error }]);
  });
});

describe('conversations', () => {
  test('a direct message is opened once and posted to by its id', async () => {
    const { sandbox, client } = await setUp();
    const { channel } = await client.conversations.open({ users: BOB });
    expect(channel?.id).toMatch(/^D/);
    expect((await client.conversations.open({ users: BOB })).channel?.id).toBe(channel?.id);
    await client.chat.postMessage({ channel: channel!.id!, text: 'for you' });
    expect((await sandbox.control.get('messages?channel=bob&as=bob')).messages).toMatchObject([{ text: 'for you' }]);
    expect(await sandbox.control.get(`messages?channel=${channel!.id}&as=carol`)).toMatchObject({ status: 403 });
    expect(await refusal(client.conversations.open({ users: 'U0NOBODY00' }))).toMatchObject({
      error: 'user_not_found',
    });
  });

  test('public channels are listed page by page', async () => {
    const { client } = await setUp();
    const names: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.conversations.list({ limit: 2, exclude_archived: true, ...(cursor ? { cursor } : {}) });
      names.push(...page.channels!.map((channel) => channel.name));
      cursor = page.response_metadata?.next_cursor;
    } while (cursor);
    expect(names.sort()).toEqual(['general', 'ops', 'sre']);
    expect(await refusal(client.conversations.list({ cursor: 'what' }))).toMatchObject({ error: 'invalid_cursor' });
    expect(await refusal(client.conversations.list({ limit: 1001 }))).toMatchObject({ error: 'invalid_limit' });
  });
});
