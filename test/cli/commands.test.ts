import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as schemas from '#shared/api-schemas.ts';
import { policySentence } from '#shared/policy-sentence.ts';
import manifest from '../../slack/manifest.json';
import { token } from '#test/support/fake-api.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';

const now = new Date('2026-11-23T10:00:00Z').toISOString();
const me: schemas.Me = {
  id: 'u1',
  email: 'dana@example.com',
  name: 'Dana',
  groups: ['admin'],
  admin: true,
  slackId: null,
};
const connection: schemas.ConnectionView = {
  id: 'c1',
  name: 'bash',
  version: 1,
  revision: 1,
  agent: 'default',
  agentOnline: true,
  command: ['bash', '-c', 'a b'],
  reviewers: ['admin', 'sre'],
  minApprovals: 0,
  distinctReviewers: false,
  forceApproveGroups: [],
  requireReason: false,
  window: null,
  plugins: [{ name: 'slack', channels: ['C1'] }],
  envNames: [],
  allowEnv: [],
  tags: {},
  accessModes: ['exec'],
  expire: '24h',
  maxRuntime: '0s',
  maxDuration: '48h',
  maxOutput: 1000,
  runAs: null,
  maxInput: 2000,
  maxRuns: 3,
  idle: '15m',
  keep: '90d',
  createdAt: now,
  updatedAt: now,
  warnings: ['nobody is in sre'],
};
const user: schemas.UserView = { ...me, active: true, hasPassword: true, createdAt: now };
const agent: schemas.AgentView = {
  maxRuns: 0,
  id: 'a1',
  name: 'prod',
  online: false,
  createdAt: now,
  instances: [],
  connections: [],
};
const plugin: schemas.PluginView = {
  name: 'slack',
  configured: ['SLACK_BOT_TOKEN'],
  configuredAt: { SLACK_BOT_TOKEN: now },
  team: null,
  botUser: null,
  apiUrl: null,
  scopes: [],
  state: 'connecting',
  lastError: null,
  lastErrorAt: null,
  appId: null,
  sockets: { open: 0, limit: 10, replicas: [] },
  channels: [],
  updatedAt: now,
};

const sent = ({ api }: HoopCli) => api.requests.at(-1)?.body;

test('login keeps the token for its owner only, and logout forgets it', async () => {
  const cli = await hoopCli({ signedIn: false });
  cli.api.answer('POST /api/login', schemas.loginAnswer, { token, user: me });
  const login = ['login', '--api-url', `${cli.api.url}/`, '--email', 'dana@example.com', '--password-stdin'];
  expect(await cli.run(login, { input: 'secret pass\n' })).toMatchObject({
    code: 0,
    stderr: `Signed in as dana@example.com (admin) at ${cli.api.url}.\n`,
  });
  expect(sent(cli)).toEqual({ email: 'dana@example.com', password: 'secret pass', kind: 'cli' });
  const path = join(cli.home, 'config.json');
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ apiUrl: cli.api.url, token, email: 'dana@example.com' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);

  expect(await cli.run(['logout'])).toMatchObject({ code: 0, stderr: 'Signed out.\n' });
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ apiUrl: cli.api.url, email: 'dana@example.com' });
  expect(await cli.run(['whoami'])).toMatchObject({ code: 77 });
});

test('a password is asked for on a terminal and never shown', async () => {
  const cli = await hoopCli({ signedIn: false });
  cli.api.answer('POST /api/login', schemas.loginAnswer, { token, user: me });
  const terminal = await cli.onTerminal(['login', '--email', 'dana@example.com']);
  await terminal.shows(/Password of dana@example.com at .*: /);
  terminal.type('s3cret-x\r');
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen()).toContain('Signed in as dana@example.com');
  expect(terminal.screen()).not.toContain('s3cret');
  expect(sent(cli)).toMatchObject({ password: 's3cret-x' });
});

test('Ctrl-C at the password leaves with status 130', async () => {
  const cli = await hoopCli({ signedIn: false });
  const terminal = await cli.onTerminal(['login', '--email', 'dana@example.com']);
  await terminal.shows(/Password/);
  terminal.type('\u0003');
  expect(await terminal.ended).toBe(130);
});

test('wrong credentials and a missing terminal are said plainly', async () => {
  const cli = await hoopCli({ signedIn: false });
  cli.api.refuse('POST /api/login', 'wrong_credentials', 'E-mail address or password is wrong.');
  const login = ['login', '--email', 'dana@example.com', '--password-stdin'];
  expect(await cli.run(login, { input: 'x' })).toMatchObject({
    code: 77,
    stderr: 'hoop: E-mail address or password is wrong.\n',
  });
  expect(await cli.run(['login', '--password-stdin'])).toMatchObject({ code: 64 });
  expect(await cli.run(['login', '--email', 'dana@example.com'])).toMatchObject({ code: 64 });
});

test('whoami shows who is signed in; the environment stands above the configuration', async () => {
  const cli = await hoopCli();
  cli.api.answer('GET /api/me', schemas.me, me);
  expect((await cli.run(['whoami'])).stdout.toString()).toContain('email    dana@example.com\n');
  expect(JSON.parse((await cli.run(['whoami', '-o', 'json'])).stdout.toString())).toEqual(me);
  const wrong = await cli.run(['whoami'], { env: { HOOP_TOKEN: 'other' } });
  expect(wrong).toMatchObject({ code: 77, stderr: expect.stringContaining('Set HOOP_TOKEN to a valid token') });
  const elsewhere = await cli.run(['whoami'], { env: { HOOP_API_URL: 'http://127.0.0.1:1' } });
  expect(elsewhere).toMatchObject({ code: 69, stderr: expect.stringContaining('connection refused') });
});

test('a damaged configuration and a gateway that is none are told apart', async () => {
  const cli = await hoopCli();
  cli.api.answer('GET /api/me', undefined, undefined, 502);
  expect(await cli.run(['whoami'])).toMatchObject({ code: 69, stderr: expect.stringContaining('answered 502') });
  await writeFile(join(cli.home, 'config.json'), '{');
  expect(await cli.run(['whoami'])).toMatchObject({ code: 64, stderr: expect.stringContaining('is damaged') });
});

test("the user guide's commands send what they say", async () => {
  const cli = await hoopCli();
  const { api } = cli;
  api.answer('PUT /api/plugins/slack', schemas.pluginView, plugin);
  const config = ['--config', 'SLACK_BOT_TOKEN=xoxb-1=2', '--config', 'SLACK_APP_TOKEN=xapp-1'];
  await cli.run(['admin', 'create', 'plugin', 'slack', '--overwrite', ...config]);
  expect(sent(cli)).toEqual({
    config: { SLACK_BOT_TOKEN: 'xoxb-1=2', SLACK_APP_TOKEN: 'xapp-1' },
    overwrite: true,
  });

  api.answer('POST /api/users', schemas.userView, user);
  const flags = ['--overwrite', '--groups', 'admin, sre', '--slackid', 'U0123ABCD'];
  await cli.run(['admin', 'create', 'users', 'a@b.c', ...flags]);
  expect(sent(cli)).toEqual({ email: 'a@b.c', groups: ['admin', 'sre'], slackId: 'U0123ABCD', overwrite: true });

  api.answer('POST /api/connections', schemas.connectionView, connection);
  const conn = ['--overwrite', '--agent', 'default', '--reviewers', 'admin,sre', '--plugin', 'slack', '--', 'bash'];
  const end = await cli.run(['admin', 'create', 'conn', 'bash', ...conn]);
  expect(sent(cli)).toEqual({
    name: 'bash',
    agent: 'default',
    reviewers: ['admin', 'sre'],
    plugins: [{ name: 'slack' }],
    command: ['bash'],
    overwrite: true,
  });
  expect(end.stdout.toString()).toBe(`Connection bash saved (agent default). ${policySentence(connection)}\n`);
  expect(end.stderr).toBe('hoop: warning: nobody is in sre\n');
});

test('--overwrite sends only what is named', async () => {
  const cli = await hoopCli();
  cli.api.answer('POST /api/connections', schemas.connectionView, connection);
  await cli.run([
    'admin',
    'create',
    'connection',
    'bash',
    '--overwrite',
    '--plugin',
    'slack:C1;C2',
    '--plugin',
    'review',
  ]);
  expect(sent(cli)).toEqual({
    name: 'bash',
    plugins: [{ name: 'slack', channels: ['C1', 'C2'] }],
    overwrite: true,
  });
  const modes = ['--access-modes', 'exec, connect', '--max-duration', '4h'];
  await cli.run(['admin', 'create', 'conn', 'bash', '--overwrite', ...modes]);
  expect(sent(cli)).toEqual({
    ...{ name: 'bash', accessModes: ['exec', 'connect'], maxDuration: '4h', overwrite: true },
  });
  const more = ['--reviewers', '', '--no-require-reason', '--max-output', '10MB', '--tags', 'a=b', '--tags', 'c='];
  await cli.run(['admin', 'create', 'conn', 'bash', '--overwrite', ...more]);
  expect(sent(cli)).toEqual({
    name: 'bash',
    reviewers: [],
    requireReason: false,
    maxOutput: 10 * 1024 * 1024,
    tags: { a: 'b', c: '' },
    overwrite: true,
  });
});

test('values come raw, from base64 and from files', async () => {
  const cli = await hoopCli();
  cli.api.answer('POST /api/connections', schemas.connectionView, connection);
  const path = join(cli.home, 'pass word');
  await writeFile(path, 'two\nlines\n');
  const env = ['-e', 'RAW=a=b', '-e', 'B64=base64://w6QK', '-e', `FILE=file://${path}`];
  await cli.run(['admin', 'create', 'conn', 'bash', ...env, '--', 'sh']);
  expect(sent(cli)).toMatchObject({ env: { RAW: 'a=b', B64: 'ä\n', FILE: 'two\nlines' } });
  for (const value of ['base64://***', 'base64:///w==', 'file://relative', 'file:///does/not/exist']) {
    const end = await cli.run(['admin', 'create', 'conn', 'bash', '-e', `KEY=${value}`]);
    expect(end).toMatchObject({ code: 64, stderr: expect.stringContaining('KEY') });
  }
});

test('the token of an agent stands alone on stdout', async () => {
  const cli = await hoopCli();
  cli.api.answer(
    'POST /api/agents',
    schemas.agentCreated,
    { ...agent, gatewayUrl: 'http://hoop.test', token: 'agent-token' },
    201,
  );
  const end = await cli.run(['admin', 'create', 'agent', 'prod']);
  expect(end.stdout.toString()).toBe('agent-token\n');
  expect(end.stderr).toContain('hoop start agent');
  const json = await cli.run(['admin', 'create', 'agent', 'prod', '-o', 'json']);
  expect(JSON.parse(json.stdout.toString())).toMatchObject({ name: 'prod', token: 'agent-token' });
});

test('get and list print a table, or JSON: a bare array, or the object', async () => {
  const cli = await hoopCli();
  cli.api.answer('GET /api/connections', schemas.connectionView.array(), [connection]);
  cli.api.answer('GET /api/connections/bash', schemas.connectionView, connection);
  for (const words of ['list conn', 'get connections', 'list connections']) {
    const end = await cli.run(['admin', ...words.split(' '), '-o', 'json']);
    expect(JSON.parse(end.stdout.toString())).toEqual([connection]);
  }
  expect(JSON.parse((await cli.run(['admin', 'get', 'conn', 'bash', '-o', 'json'])).stdout.toString())).toEqual(
    connection,
  );
  expect((await cli.run(['admin', 'list', 'conn'])).stdout.toString()).toBe(
    'NAME  AGENT    REVIEWERS   PLUGINS     COMMAND\n' + "bash  default  admin, sre  slack (C1)  bash -c 'a b'\n",
  );
  expect((await cli.run(['admin', 'get', 'conn', 'bash'])).stdout.toString()).toContain(
    `policy                ${policySentence(connection)}\nreviewers             admin, sre\n`,
  );
  const open = { ...connection, accessModes: ['exec', 'connect'], maxDuration: '4h' };
  cli.api.answer('GET /api/connections/bash', schemas.connectionView, open);
  expect((await cli.run(['admin', 'get', 'conn', 'bash'])).stdout.toString()).toMatch(
    /^access modes +exec, connect$[^]*^max duration +4h of connect$/m,
  );
  for (const [noun, schema, view] of [
    ['users', schemas.userView, user],
    ['agents', schemas.agentView, agent],
    ['plugins', schemas.pluginView, plugin],
  ] as const) {
    cli.api.answer(`GET /api/${noun}`, schema.array(), [view]);
    expect((await cli.run(['admin', 'list', noun])).stdout.toString()).toContain(view.name);
    expect(JSON.parse((await cli.run(['admin', 'get', noun, '-o', 'json'])).stdout.toString())).toEqual([view]);
  }
});

test('delete says what is gone, and refusals are those of the gateway', async () => {
  const cli = await hoopCli();
  cli.api.answer('DELETE /api/users/a@b.c', undefined, undefined, 204);
  const end = await cli.run(['admin', 'delete', 'user', 'a@b.c']);
  expect(end.stdout.toString()).toBe('User a@b.c deleted.\n');
  cli.api.refuse('DELETE /api/agents/default', 'agent_in_use', 'Connection bash runs on default.');
  expect(await cli.run(['admin', 'delete', 'agent', 'default'])).toMatchObject({
    code: 64,
    stderr: 'hoop: Connection bash runs on default.\n',
  });
});

test('sessions are listed, shown, and ended', async () => {
  const cli = await hoopCli();
  const session = cli.api.addSession();
  const { id } = session.view;
  cli.api.answer('GET /api/sessions', schemas.sessionView.array(), [schemas.sessionView.parse(session.view)]);
  const list = await cli.run(['sessions', 'list', '--requester', 'me', '--limit', '5']);
  expect(list.stdout.toString()).toMatch(new RegExp(`^ID .*\n${id}  pending  bash  `));
  // one more than asked for, to know whether there are more
  expect(Object.fromEntries(cli.api.requests.at(-1)?.query ?? [])).toEqual({ requester: 'me', limit: '6' });

  const shown = await cli.run(['sessions', 'show', id.slice(0, 8), '-o', 'json']);
  expect(JSON.parse(shown.stdout.toString())).toEqual(session.view);
  expect(Object.fromEntries(cli.api.seen('GET', '/api/sessions').at(-1)?.query ?? [])).toEqual({
    id: id.slice(0, 8),
    limit: '2',
  });
  expect(await cli.run(['sessions', 'show', 'abc'])).toMatchObject({ code: 64 });
  cli.api.answer('GET /api/sessions', schemas.sessionView.array(), []);
  expect(await cli.run(['sessions', 'show', 'ffffffff'])).toMatchObject({ code: 64 });

  const cancel = await cli.run(['sessions', 'cancel', id, '--reason', 'done']);
  expect(cancel.stdout.toString()).toBe(`Session ${id} is cancelled.\n`);
  expect(cli.api.seen('POST', `/api/sessions/${id}/cancel`)[0]?.body).toEqual({ reason: 'done' });
});

test('logs give the recorded bytes, page by page', async () => {
  const cli = await hoopCli();
  const session = cli.api.addSession();
  for (const part of ['a', 'b', 'c', '\xff', 'e']) session.output('stdout', Buffer.from(part, 'latin1'));
  session.output('stderr', 'err');
  session.end('finished', { exitCode: 0 });
  const end = await cli.run(['sessions', 'logs', session.view.id]);
  expect(end.stdout.toString('latin1')).toBe('abc\xffe');
  expect(end).toMatchObject({ stderr: 'err', code: 0 });
});

test('a broken audit log has a status of its own', async () => {
  const cli = await hoopCli();
  cli.api.answer('GET /api/audit/verify', undefined, { ok: true, rows: 7 });
  expect((await cli.run(['admin', 'audit', 'verify'])).stdout.toString()).toBe('The audit log is intact: 7 rows.\n');
  cli.api.answer('GET /api/audit/verify', undefined, { ok: false, rows: 7, firstBroken: 3 });
  expect(await cli.run(['admin', 'audit', 'verify'])).toMatchObject({
    code: 70,
    stderr: 'hoop: the audit log is broken; the first broken row is 3.\n',
  });
});

test('a plugin is shown with its sockets by replica and what channels refuse, in local time', async () => {
  const cli = await hoopCli();
  const since = '2026-11-23T08:00:00.000Z';
  const whole = {
    id: 'g1',
    address: 'http://one',
    state: 'connected',
    since,
    openSockets: 2,
    lastError: null,
  } as const;
  const view: schemas.PluginView = {
    ...plugin,
    state: 'connected',
    team: { id: 'T1', name: 'Acme' },
    appId: 'A1',
    scopes: ['chat:write', 'commands'],
    lastError: 'Slack answered HTTP 503',
    lastErrorAt: since,
    sockets: {
      open: 3,
      limit: 10,
      replicas: [
        { ...whole, lastErrorAt: null },
        { ...whole, id: 'g2', openSockets: 1, lastError: 'Slack answered HTTP 503', lastErrorAt: since },
        { ...whole, id: 'g3', address: 'http://three', state: 'waiting', openSockets: 0, lastErrorAt: null },
      ],
    },
    channels: [
      {
        id: 'C2',
        name: '#old',
        failure: { code: 'is_archived', message: '#old is archived', since, lastAt: since, count: 3 },
        lastSuccessAt: null,
      },
      { id: 'C1', name: '#ops', failure: null, lastSuccessAt: since },
    ],
  };
  cli.api.answer('GET /api/plugins/slack', schemas.pluginView, view);
  const { stdout } = await cli.run(['admin', 'get', 'plugin', 'slack']);
  expect(stdout.toString().split('\n')).toEqual(
    expect.arrayContaining([
      'last error  Slack answered HTTP 503 (since 2026-11-23 08:00:00)',
      'team        Acme (T1)',
      'app id      A1',
      'scopes      chat:write, commands',
      'sockets     3 of 10 open',
      'replicas    http://one  2 open, connected since 2026-11-23 08:00:00',
      '            http://one  1 open, connected since 2026-11-23 08:00:00: Slack answered HTTP 503 (since 2026-11-23 08:00:00)',
      '            http://three  0 open, waiting for a socket to come free since 2026-11-23 08:00:00',
      'channels    #old (C2)  refused 3 times since 2026-11-23 08:00:00: #old is archived (is_archived)',
      '            #ops (C1)  last message 2026-11-23 08:00:00',
    ]),
  );
  cli.api.answer('GET /api/plugins', schemas.pluginView.array(), [view]);
  expect((await cli.run(['admin', 'list', 'plugin'])).stdout.toString()).toContain('3 of 10');
});

test('the manifest of the Slack app is printed as it is in the repository', async () => {
  const cli = await hoopCli({ signedIn: false });
  expect(JSON.parse((await cli.run(['slack', 'manifest'])).stdout.toString())).toEqual(manifest);
});
