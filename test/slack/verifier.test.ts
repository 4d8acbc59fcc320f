import { describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { createSlackVerifier } from '#slack/verifier.ts';
import { install, startSandbox, type TestSandbox } from '../sandbox/support.ts';

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
    expect(message).toContain('lacks the scope im:write');
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
    ['C0SRE00003', { id: 'C0SRE00003', name: '#sre' }],
  ])('%s is found, and posted to', async (asked, channel) => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    expect(await verifier.resolveChannel(tokens, asked)).toEqual(channel);
    const { messages } = await sandbox.control.get(`messages?channel=${channel.id}&as=bob`);
    expect(messages).toMatchObject([{ text: 'hoop asks for reviews in this channel from now on.' }]);
  });

  test('a private channel goes by its id once the bot is in it', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens, installed } = await verifierOf(sandbox);
    expect(await refusal(verifier.resolveChannel(tokens, 'C0SECRET04'))).toMatchObject({
      code: 'slack_channel_refused',
      message: expect.stringContaining('/invite @hoop'),
    });
    await sandbox.control.post('invite', { channel: 'C0SECRET04', user: installed.botUserId });
    expect(await verifier.resolveChannel(tokens, 'C0SECRET04')).toEqual({ id: 'C0SECRET04', name: 'C0SECRET04' });
  });

  test.each([
    ['nowhere', 'There is no public channel #nowhere'],
    ['C0NOWHERE9', 'Invite it there'],
    ['old-ops', 'archived'],
    ['', 'empty'],
  ])('%s is refused with what to do', async (asked, why) => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    expect(await refusal(verifier.resolveChannel(tokens, asked))).toMatchObject({
      code: 'slack_channel_refused',
      message: expect.stringContaining(why),
    });
  });

  test('a channel cannot be verified while Slack is away', async () => {
    const sandbox = await startSandbox();
    const { verifier, tokens } = await verifierOf(sandbox);
    await sandbox.control.post('faults', { kind: '5xx', method: 'chat.postMessage' });
    expect(await refusal(verifier.resolveChannel(tokens, 'ops'))).toMatchObject({ code: 'slack_unavailable' });
  });
});

interface Tokens {
  botToken: string;
  appToken: string;
}
