import { describe, expect, test } from 'vitest';
import { install, startSandbox } from './support.ts';

const OPS = 'C0OPS00002';

async function setUp(scopes?: string[]) {
  const sandbox = await startSandbox();
  const tokens = await install(sandbox.control, scopes ? { scopes } : {});
  const ask = async (
    method: string,
    { type, body, token = tokens.botToken }: { type?: string; body?: BodyInit; token?: string | null } = {},
  ) => {
    const response = await fetch(sandbox.apiUrl + method, {
      method: 'POST',
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(type ? { 'content-type': type } : {}) },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as object };
  };
  return { sandbox, tokens, ask };
}

describe('the form of a request', () => {
  const json = JSON.stringify({ channel: OPS, text: 'x' });
  const form = new URLSearchParams({ channel: OPS, text: 'x' }).toString();
  const multipart = new FormData();
  multipart.set('channel', OPS);
  multipart.set('text', 'x');
  test.each([
    ['application/json; charset=utf-8', json, { ok: true }],
    ['application/json', json, { ok: true, warning: 'missing_charset' }],
    ['application/x-www-form-urlencoded', form, { ok: true }],
    ['application/x-www-form-urlencoded; charset=utf-8', form, { ok: true, warning: 'superfluous_charset' }],
    [undefined, multipart, { ok: true }],
    ['text/plain', form, { ok: false, error: 'invalid_post_type' }],
    ['application/json; charset=klingon', json, { ok: false, error: 'invalid_charset' }],
    ['application/json; charset=utf-8', '[1]', { ok: false, error: 'json_not_object' }],
    ['application/json; charset=utf-8', '{', { ok: false, error: 'invalid_json' }],
    ['multipart/form-data; boundary=x', form, { ok: false, error: 'invalid_form_data' }],
  ])('%s %s', async (type, body, answer) => {
    const { ask } = await setUp();
    expect(await ask('chat.postMessage', { body, ...(type ? { type } : {}) })).toMatchObject({
      status: 200,
      body: answer,
    });
  });

  test('a method that reads does not look at JSON', async () => {
    const { ask } = await setUp();
    const body = JSON.stringify({ channel: OPS });
    const answer = await ask('conversations.info', { type: 'application/json; charset=utf-8', body });
    expect(answer.body).toEqual({
      ok: false,
      error: 'invalid_arguments',
      warning: 'superfluous_charset',
      response_metadata: { messages: ['[ERROR] missing required field: channel'], warnings: ['superfluous_charset'] },
    });
    const empty = await ask(`conversations.info?channel=`);
    expect(empty.body).toEqual({ ok: false, error: 'channel_not_found' });
  });

  test('of a field that a form has twice the last one counts', async () => {
    const { ask, sandbox } = await setUp();
    const root = await sandbox.control.post('message', { as: 'bob', channel: 'ops', text: 'root' });
    const body = `${form}&thread_ts=${root.ts}&thread_ts=${root.ts}&text=last`;
    const { body: answer } = await ask('chat.postMessage', { type: 'application/x-www-form-urlencoded', body });
    expect(answer).toMatchObject({ ok: true, message: { text: 'last', thread_ts: root.ts } });
  });

  test('the token is taken from the header or a form, and from nowhere else', async () => {
    const { ask, tokens } = await setUp();
    const token = tokens.botToken;
    const inForm = { type: 'application/x-www-form-urlencoded', body: `token=${token}`, token: null };
    expect((await ask('auth.test', inForm)).body).toMatchObject({ ok: true });
    const inJson = { type: 'application/json; charset=utf-8', body: JSON.stringify({ token }), token: null };
    expect((await ask('auth.test', inJson)).body).toEqual({ ok: false, error: 'not_authed' });
    expect((await ask(`auth.test?token=${token}`, { token: null })).body).toEqual({ ok: false, error: 'not_authed' });
    const opening = { ...inForm, body: `token=${tokens.appToken}` };
    expect((await ask('apps.connections.open', opening)).body).toEqual({ ok: false, error: 'not_authed' });
  });
});

describe('scopes', () => {
  test('the headers name those a token has and those a method takes', async () => {
    const { ask } = await setUp(['chat:write', 'channels:read']);
    const { headers } = await ask('conversations.list');
    expect(headers.get('x-oauth-scopes')).toBe('chat:write,channels:read');
    expect(headers.get('x-accepted-oauth-scopes')).toBe('channels:read,groups:read,im:read,mpim:read');
    expect((await ask('auth.test')).headers.has('x-accepted-oauth-scopes')).toBe(false);
  });

  const hoops =
    'app_mentions:read,channels:read,chat:write,commands,im:write,channels:manage,groups:write,mpim:write,chat:write.public';
  test.each([
    ['users.info?user=U0BOB00002', 'users:read'],
    ['users.lookupByEmail?email=bob@localhost', 'users:read.email'],
    ['conversations.history?channel=C0OPS00002', 'channels:history'],
    ['conversations.join?channel=C0OPS00002', 'channels:join'],
    ['conversations.list?types=public_channel,im', 'im:read'],
    ['files.getUploadURLExternal', 'files:write'],
    ['usergroups.list', 'usergroups:read'],
    ['reactions.add', 'reactions:write'],
  ])('%s needs %s, which hoop does not have', async (method, needed) => {
    const { ask } = await setUp();
    expect((await ask(method)).body).toEqual({ ok: false, error: 'missing_scope', needed, provided: hoops });
  });

  test('with its scope a method of Slack that the sandbox does not have is unknown', async () => {
    const { ask } = await setUp(['reactions:write']);
    expect((await ask('reactions.add')).body).toEqual({
      ok: false,
      error: 'unknown_method',
      req_method: 'reactions.add',
    });
  });

  test('a private channel the bot is in is told apart by scope, another is not there', async () => {
    const { ask, sandbox, tokens } = await setUp();
    const info = async () => (await ask('conversations.info?channel=C0SECRET04')).body;
    expect(await info()).toEqual({ ok: false, error: 'channel_not_found' });
    await sandbox.control.post('invite', { channel: 'secret-ops', user: tokens.botUserId });
    expect(await info()).toMatchObject({ error: 'missing_scope', needed: 'groups:read' });
    await sandbox.control.post(`apps/${tokens.appId}/scopes`, { scopes: ['groups:read'] });
    expect(await info()).toMatchObject({ ok: true, channel: { is_private: true, is_member: true } });
  });
});

describe('tokens', () => {
  test('each kind is taken where Slack takes it', async () => {
    const { ask, sandbox, tokens } = await setUp();
    const mint = async (body: object) =>
      ((await sandbox.control.post(`apps/${tokens.appId}/tokens`, body)) as unknown as { token: string }).token;
    const user = await mint({ as: 'bob' });
    expect(user).toMatch(/^xoxp-sandbox-/);
    const who = (await ask('auth.test', { token: user })).body;
    expect(who).toMatchObject({ ok: true, user: 'bob', user_id: 'U0BOB00002' });
    expect(who).not.toHaveProperty('bot_id');
    const post = await ask('chat.postMessage', { token: user });
    expect(post.body).toEqual({ ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'identify' });
    for (const method of ['views.open', 'apps.connections.open']) {
      expect((await ask(method, { token: user })).body).toEqual({ ok: false, error: 'not_allowed_token_type' });
    }
    const narrow = await mint({ scopes: ['app_configurations:write'] });
    expect((await ask('apps.connections.open', { token: narrow })).body).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'connections:write',
      provided: 'app_configurations:write',
    });
  });

  test('an app that is removed has an inactive bot until it is installed again', async () => {
    const { ask, sandbox, tokens } = await setUp();
    await sandbox.control.post('invite', { channel: 'ops', user: tokens.botUserId });
    await sandbox.control.post(`apps/${tokens.appId}/uninstall`, {});
    expect((await ask('auth.test')).body).toEqual({ ok: false, error: 'account_inactive' });
    const gone = await sandbox.control.post('command', { as: 'bob', channel: 'ops', command: '/hoop' });
    expect(gone).toMatchObject({ status: 404, error: { code: 'unknown_command' } });
    expect(await install(sandbox.control)).toEqual(tokens);
    expect((await ask('auth.test')).body).toMatchObject({ ok: true });
  });

  test('without Socket Mode no connection opens', async () => {
    const { ask, sandbox, tokens } = await setUp();
    await sandbox.control.post(`apps/${tokens.appId}/socket-mode`, { enabled: false });
    expect((await ask('apps.connections.open', { token: tokens.appToken })).body).toEqual({
      ok: false,
      error: 'socket_mode_not_enabled',
    });
  });
});
