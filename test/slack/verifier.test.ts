import { describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { createSlackVerifier } from '#slack/verifier.ts';
import { install, startSandbox, type TestSandbox } from '../sandbox/support.ts';
import { startPagedSlack } from './paged-slack.ts';

async function verifierOf(sandbox: TestSandbox) {
  const verifier = createSlackVerifier({
    slackApiUrl: 'https://slack.invalid/api/',
    sandboxUrl: sandbox.url,
    log: pino({ level: 'silent' }),
  });
  const installed = await install(sandbox.control);
  const { botToken, appToken } = installed;
  return { verifier, installed, tokens: { botToken, appToken, apiUrl: verifier.apiUrlFor(botToken) } };
}

async function refusal(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof HoopError) return { code: error.code, message: error.message };
  throw new Error(`no HoopError: ${String(error)}`);
}

describe('tokens', () => {
  test('that are both refused are both named, in a line each', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    const wrong = { ...tokens, botToken: `${tokens.botToken}x`, appToken: `${tokens.appToken}x` };
    const { code, message } = await refusal(verifier.verify(wrong));
    expect(code).toBe('slack_refused');
    expect(message.split('\n')).toEqual([
      expect.stringMatching(/^SLACK_BOT_TOKEN was refused: .*invalid_auth/),
      expect.stringMatching(/^SLACK_APP_TOKEN was refused: .*invalid_auth/),
    ]);
  });

  test('that are good give team, bot, app and scopes', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens, installed } = await verifierOf(sandbox);
    expect(await verifier.verify(tokens)).toMatchObject({
      team: { id: 'T0SANDBOX0', name: 'Sandbox' },
      botUser: expect.any(String),
      botUserId: installed.botUserId,
      appId: installed.appId,
      scopes: expect.arrayContaining(['chat:write', 'im:write']),
    });
  });

  test('belong to the sandbox or to Slack, never to both', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    expect(verifier.apiUrlFor('xoxb-sandbox-1')).toBe(sandbox.apiUrl);
    expect(verifier.apiUrlFor('xoxb-1')).toBe('https://slack.invalid/api/');
    expect(await refusal(verifier.verify({ ...tokens, appToken: 'xapp-1-A1-2-3' }))).toMatchObject({
      code: 'slack_refused',
    });
    const without = createSlackVerifier({
      slackApiUrl: 'https://slack.invalid/api/',
      sandboxUrl: null,
      log: pino({ level: 'silent' }),
    });
    expect(() => without.apiUrlFor('xoxb-sandbox-1')).toThrow('there is none running here');
  });

  test.each([
    ['swapped', (t: Tokens) => ({ botToken: t.appToken, appToken: t.botToken }), 'swapped'],
    ['a user token', () => ({ botToken: 'xoxp-sandbox-1' }), 'SLACK_BOT_TOKEN is a user token'],
    ['two bot tokens', (t: Tokens) => ({ appToken: t.botToken }), 'SLACK_APP_TOKEN is a bot token'],
    [
      'an unknown bot token',
      () => ({ botToken: 'xoxb-sandbox-1' }),
      'SLACK_BOT_TOKEN was refused: Slack does not know it',
    ],
    [
      'an unknown app token',
      () => ({ appToken: 'xapp-sandbox-1' }),
      'SLACK_APP_TOKEN was refused: Slack does not know it',
    ],
  ])('%s are refused with which is wrong and why', async (_what, change, why) => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    const refused = await refusal(verifier.verify({ ...tokens, ...change(tokens) }));
    expect(refused).toMatchObject({ code: 'slack_refused', message: expect.stringContaining(why) });
    expect(refused.message).not.toContain(tokens.botToken);
    expect(refused.message).not.toContain(tokens.appToken);
  });

  test.each(['bot', 'app'] as const)('a revoked %s token is named', async (which) => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await sandbox.control.post('revoke', { token: tokens[`${which}Token`] });
    const { message } = await refusal(verifier.verify(tokens));
    expect(message).toContain(`SLACK_${which.toUpperCase()}_TOKEN was refused: it was revoked`);
  });

  test('of an app without the scopes are refused with the scope', async () => {
    const sandbox = await startSandbox();
    const { verifier } = await verifierOf(sandbox);
    const poor = await install(sandbox.control, {
      name: 'poor',
      scopes: ['chat:write', 'commands', 'channels:read', 'app_mentions:read'],
    });
    const { message } = await refusal(verifier.verify({ ...poor, apiUrl: sandbox.apiUrl }));
    expect(message).toContain('lacks the scope im:write.');
    const poorer = await install(sandbox.control, { name: 'poorer', scopes: ['chat:write', 'commands'] });
    expect((await refusal(verifier.verify({ ...poorer, apiUrl: sandbox.apiUrl }))).message).toContain(
      'lacks the scopes im:write, channels:read, app_mentions:read.',
    );
  });

  test('an app-level token without connections:write is refused with the scope', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens, installed } = await verifierOf(sandbox);
    const minted = await sandbox.control.post(`apps/${installed.appId}/tokens`, {
      scopes: ['app_configurations:write'],
    });
    const { token: appToken } = minted as unknown as { token: string };
    const { message } = await refusal(verifier.verify({ ...tokens, appToken }));
    expect(message).toBe(
      'SLACK_APP_TOKEN was refused: it lacks the scope connections:write (missing_scope). ' +
        'Make one that has it under "Basic Information > App-Level Tokens".',
    );
  });

  test('of an app whose Socket Mode is off are refused with where to switch it on', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    const method = 'apps.connections.open';
    await sandbox.control.post('faults', { kind: 'error', error: 'socket_mode_not_enabled', method });
    const { message } = await refusal(verifier.verify(tokens));
    expect(message).toContain('SLACK_APP_TOKEN was refused: Socket Mode is off in the settings of its app');
  });

  test('cannot be verified while Slack is away, which is no verdict on them', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await sandbox.control.post('faults', { kind: 'outage' });
    expect(await refusal(verifier.verify(tokens))).toMatchObject({ code: 'slack_unavailable' });
  });
});

describe('channels', () => {
  test.each([
    ['#ops', { id: 'C0OPS00002', name: '#ops' }],
    ['ops', { id: 'C0OPS00002', name: '#ops' }],
    ['<#C0OPS00002|ops>', { id: 'C0OPS00002', name: '#ops' }],
    ['https://sandbox.slack.com/archives/C0OPS00002', { id: 'C0OPS00002', name: '#ops' }],
    ['C0SRE00003', { id: 'C0SRE00003', name: '#sre' }],
  ])('%s is found, and posted to', async (asked, channel) => {
    const sandbox = await startSandbox();
    const { verifier, tokens, installed } = await verifierOf(sandbox);
    expect(await verifier.resolveChannels(tokens, named([asked]))).toEqual({
      channels: [channel],
      botAppId: installed.appId,
    });
    expect(await postedIn(sandbox, channel.id)).toEqual(['hoop asks for reviews of bash in this channel from now on.']);
  });

  test('one that is named twice, by id and by name, is posted to once', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    const { channels } = await verifier.resolveChannels(tokens, named(['ops', 'C0OPS00002', '#sre', '#OPS']));
    expect(channels.map(({ id }) => id)).toEqual(['C0OPS00002', 'C0SRE00003']);
    expect(await postedIn(sandbox, 'ops')).toHaveLength(1);
  });

  test('where people read before that hoop asks, what verifies is taken back', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await verifier.resolveChannels(tokens, { ...named(['ops', 'sre']), announced: ['C0OPS00002'] });
    expect(await postedIn(sandbox, 'ops')).toEqual([]);
    expect(await postedIn(sandbox, 'sre')).toHaveLength(1);
  });

  test('a private channel goes by its id once the bot is in it', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens, installed } = await verifierOf(sandbox);
    expect(await refusal(verifier.resolveChannels(tokens, named(['C0SECRET04'])))).toMatchObject({
      code: 'slack_channel_refused',
      message: expect.stringContaining('/invite @hoop'),
    });
    await sandbox.control.post('invite', { channel: 'C0SECRET04', user: installed.botUserId });
    const { channels } = await verifier.resolveChannels(tokens, named(['C0SECRET04']));
    expect(channels).toEqual([{ id: 'C0SECRET04', name: 'C0SECRET04' }]);
  });

  test.each([
    ['nowhere', 'There is no public channel #nowhere'],
    ['secret-ops', 'A private channel is given by its id'],
    ['C0NOWHERE9', 'invite the bot there'],
    ['old-ops', 'archived'],
    ['D0ALICE001', 'a direct message'],
    ['ops,sre', 'between two channels stands ";"'],
    ['', 'empty'],
  ])('%s is refused with what to do', async (asked, why) => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    expect(await refusal(verifier.resolveChannels(tokens, named([asked])))).toMatchObject({
      code: 'slack_channel_refused',
      message: expect.stringContaining(why),
    });
  });

  test.each([
    ['restricted_action', 'change who may post'],
    ['restricted_action_read_only_channel', 'change who may post'],
    ['not_in_channel', '/invite @hoop'],
  ])('Slack answering %s to the post is said with what to do', async (error, why) => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await sandbox.control.post('faults', { kind: 'error', error, method: 'chat.postMessage' });
    const refused = await refusal(verifier.resolveChannels(tokens, named(['ops'])));
    expect(refused).toMatchObject({ code: 'slack_channel_refused', message: expect.stringContaining(why) });
  });

  test('of several, every one that is refused is named, and what was posted to the others is taken back', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    const asked = ['ops', 'old-ops', 'sre', 'nowhere'];
    const { message } = await refusal(verifier.resolveChannels(tokens, named(asked)));
    expect(message.split('\n')).toEqual([
      expect.stringContaining('old-ops is archived'),
      expect.stringContaining('no public channel #nowhere'),
    ]);
    expect(await postedIn(sandbox, 'ops')).toEqual([]);
    expect(await postedIn(sandbox, 'sre')).toEqual([]);
  });

  test('a rate limit on the list of channels is waited for', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await sandbox.control.post('faults', { kind: '429', retryAfter: 1, method: 'conversations.list' });
    const before = Date.now();
    const { channels } = await verifier.resolveChannels(tokens, named(['sre']));
    expect(channels).toEqual([{ id: 'C0SRE00003', name: '#sre' }]);
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);
  });

  test('a name on a later page is found, and no page after it is read', async () => {
    const sandbox = await startSandbox();
    const { verifier } = await verifierOf(sandbox);
    const slack = await startPagedSlack([['one'], ['two', 'ops'], ['three']]);
    const tokens = { botToken: 'xoxb-1', appToken: 'xapp-1', apiUrl: slack.apiUrl };
    const { channels } = await verifier.resolveChannels(tokens, named(['ops']));
    expect(channels).toEqual([{ id: 'C0OPS', name: '#ops' }]);
    expect(slack.pagesRead()).toBe(2);
  });

  test('a rate limit longer than an admin would wait is said, and nothing is posted', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await sandbox.control.post('faults', { kind: '429', retryAfter: 600, method: 'conversations.list' });
    expect(await refusal(verifier.resolveChannels(tokens, named(['sre'])))).toMatchObject({
      code: 'slack_unavailable',
    });
    expect(await postedIn(sandbox, 'sre')).toEqual([]);
  });

  test('a channel cannot be verified while Slack is away', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await sandbox.control.post('faults', { kind: '5xx', method: 'chat.postMessage' });
    expect(await refusal(verifier.resolveChannels(tokens, named(['ops'])))).toMatchObject({
      code: 'slack_unavailable',
    });
  });
});

const named = (channels: string[]) => ({ channels, connection: 'bash', announced: [] });

async function postedIn(sandbox: TestSandbox, channel: string): Promise<string[]> {
  const { messages } = await sandbox.control.get(`messages?channel=${channel}&as=bob`);
  return messages.map(({ text }) => text);
}

interface Tokens {
  botToken: string;
  appToken: string;
}
