/** The list of channels that admins choose from, and the test message. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { HoopError } from '#shared/errors.ts';
import { createSlackVerifier } from '#slack/verifier.ts';
import { install, startSandbox } from '../sandbox/support.ts';
import { startPagedSlack } from './paged-slack.ts';

const verifierAt = (sandboxUrl: string | null) =>
  createSlackVerifier({ slackApiUrl: 'https://slack.invalid/api/', sandboxUrl, log: pino({ level: 'silent' }) });
const tokensAt = (apiUrl: string, botToken = 'xoxb-1') => ({ botToken, appToken: 'xapp-1', apiUrl });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof HoopError ? { code: error.code, message: error.message } : error),
  );

async function inSandbox() {
  const sandbox = await startSandbox();
  const verifier = verifierAt(sandbox.url);
  const { botToken, appToken } = await install(sandbox.control);
  return { sandbox, verifier, tokens: { botToken, appToken, apiUrl: verifier.apiUrlFor(botToken) } };
}

describe('the list of channels', () => {
  test('has public ones in the order of their names, and none that is archived or private', async () => {
    const { verifier, tokens } = await inSandbox();
    const names = (await verifier.listChannels(tokens)).map(({ name }) => name);
    expect(names).toEqual(['#general', '#ops', '#sre']);
  });

  test('of 5,000 channels is read once for all who ask, and again for other tokens', async () => {
    const pages = Array.from({ length: 6 }, (_, page) => Array.from({ length: 850 }, (_, n) => `team-${page}-${n}`));
    const slack = await startPagedSlack(pages);
    const verifier = verifierAt(null);
    const asked = Array.from({ length: 8 }, () => verifier.listChannels(tokensAt(slack.apiUrl)));
    expect((await Promise.all(asked)).map(({ length }) => length)).toEqual(Array(8).fill(5_100));
    await verifier.listChannels(tokensAt(slack.apiUrl));
    expect(slack.pagesRead()).toBe(6);
    await verifier.listChannels(tokensAt(slack.apiUrl, 'xoxb-2'));
    expect(slack.pagesRead()).toBe(12);
  });

  test('that was read just now serves whoever sets channels, so that Slack is not asked for all of them again', async () => {
    const slack = await startPagedSlack([['one'], ['two', 'ops'], ['three']]);
    const verifier = verifierAt(null);
    const tokens = tokensAt(slack.apiUrl);
    await verifier.listChannels(tokens);
    const named = { channels: ['ops', '#three', 'C0PRIVATE1'], connection: 'bash', announced: [] };
    const { channels } = await verifier.resolveChannels(tokens, named);
    expect(channels.map(({ name }) => name)).toEqual(['#ops', '#three', 'C0PRIVATE1']);
    expect(slack.pagesRead()).toBe(3);
    // a name that was not there may be new
    expect(await refusal(verifier.resolveChannels(tokens, { ...named, channels: ['fresh'] }))).toMatchObject({
      code: 'slack_channel_refused',
    });
    expect(slack.pagesRead()).toBe(6);
  });

  test('that failed is asked for again', async () => {
    const { sandbox, verifier, tokens } = await inSandbox();
    await sandbox.control.post('faults', { kind: '5xx', method: 'conversations.list' });
    expect(await refusal(verifier.listChannels(tokens))).toMatchObject({ code: 'slack_unavailable' });
    await sandbox.control.remove('faults');
    expect(await verifier.listChannels(tokens)).toHaveLength(3);
  });
});

describe('a test message', () => {
  test('arrives with who sent it, as text that nobody can make a mention of', async () => {
    const { sandbox, verifier, tokens } = await inSandbox();
    const posted = await verifier.postTest(tokens, { channel: '#ops', by: '<!channel>@example.com' });
    expect(posted.channel).toEqual({ id: 'C0OPS00002', name: '#ops' });
    const { messages } = await sandbox.control.get('messages?channel=ops&as=bob');
    const text = messages.find(({ ts }) => ts === posted.ts)?.text;
    expect(text).toContain('sent by &lt;!channel&gt;@example.com');
  });

  test.each([
    ['a private channel without the bot', 'C0SECRET04', /invite/],
    ['an archived one', 'C0ARCHIVE5', /is archived/],
    ['a name that is none', 'nowhere', /no public channel #nowhere/],
    ['a person', 'U0BOB00002', /is a person/],
  ])('to %s is refused with what to do', async (_, channel, words) => {
    const { verifier, tokens } = await inSandbox();
    expect(await refusal(verifier.postTest(tokens, { channel, by: 'ann@example.com' }))).toEqual({
      code: 'slack_channel_refused',
      message: expect.stringMatching(words),
    });
  });

  test('with a token that was revoked says so', async () => {
    const { sandbox, verifier, tokens } = await inSandbox();
    await sandbox.control.post('revoke', { token: tokens.botToken });
    const refused = await refusal(verifier.postTest(tokens, { channel: 'C0OPS00002', by: 'ann@example.com' }));
    expect(refused).toMatchObject({
      message: 'Slack refuses SLACK_BOT_TOKEN: it was revoked (token_revoked). Set another one.',
    });
  });
});
