import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { startDeployer, type Call, type Deployer } from './deployer.ts';
import type { Program } from './toolchain.ts';

const OPS = 'C0OPS00002';
const ALICE = 'U0ALICE001';
const BOB = 'U0BOB00002';

/** The same people do the same things with the same app, whatever it is written in; README.md says what it does. */
export function clientTests(prepare: () => Promise<Program>): void {
  let app: Deployer;
  beforeAll(async () => {
    app = await startDeployer(await prepare());
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(app.printed());
  });
  afterAll(() => app?.close());

  const shown = async (channel: string, as: string, thread?: string) =>
    (await app.control.get(`messages?channel=${channel}&as=${as}${thread ? `&thread=${thread}` : ''}`)).messages;
  const sees = (as: string, text: string, channel = 'ops', thread?: string) =>
    eventually(async () => (await shown(channel, as, thread)).find((message) => message.text === text), {
      deadlineMs: 15_000,
      describe: `${as} sees "${text}" in ${channel}`,
    });
  const textsSince = async (ts: string) => (await shown('ops', 'bob', ts)).slice(1).map(({ text }) => text);
  const command = (text: string) =>
    app.control.post('command', { as: 'alice', channel: 'ops', command: '/deploy', text });
  const asked = async (service: string) => {
    expect(await command(service)).toMatchObject({ status: 200, acked: true });
    return sees('bob', `<@${ALICE}> wants to deploy ${service}`);
  };
  const click = (ts: string, actionId: string) =>
    app.control.post('click', { as: 'bob', channel: 'ops', ts, actionId });
  const mention = (words: string) =>
    app.control.post('message', { as: 'bob', channel: 'ops', text: `@Deployer ${words}` });
  const viewsOf = (as: string, count: number) =>
    eventually(
      async () => {
        const { views } = await app.control.get(`views?as=${as}`);
        return views.length === count && views;
      },
      { describe: `${as} has ${count} modals open` },
    );
  test('a slash command is answered privately and posts a message with buttons', async () => {
    const message = await asked('api');
    const answer = await sees('alice', 'Asking for api.');
    expect(answer).toMatchObject({ ephemeral: true, bot_id: app.tokens.botId });
    expect((await shown('ops', 'bob')).map(({ text }) => text)).not.toContain('Asking for api.');
    expect(message).toMatchObject({
      channel: OPS,
      user: app.tokens.botUserId,
      blocks: [
        { type: 'section', block_id: 'what' },
        { type: 'actions', elements: [{ action_id: 'approve', style: 'primary' }, { action_id: 'reject' }] },
      ],
    });
  });

  test('a click rewrites the message, is answered privately, in the thread, and in a direct message', async () => {
    const { ts } = await asked('billing');
    expect(await click(ts, 'approve')).toMatchObject({ status: 200, acked: true });

    expect(await sees('carol', `billing: approved by <@${BOB}>`)).toMatchObject({ ts, edited: {}, blocks: [{}] });
    expect(await sees('carol', 'Deploying billing.', 'ops', ts)).toMatchObject({ thread_ts: ts });
    expect(await sees('bob', 'Noted.')).toMatchObject({ ephemeral: true });
    expect(await sees('alice', 'billing was approved.', 'dm')).toMatchObject({
      channel: expect.stringMatching(/^D/),
    });
  });

  test('a modal opens from a click, stays open on errors, and closes on a good answer', async () => {
    const { ts } = await asked('search');
    await click(ts, 'reject');
    const [view] = await viewsOf('bob', 1);
    expect(view).toMatchObject({ callback_id: 'reason', private_metadata: `search ${OPS} ${ts}` });
    const submit = (why: string) => app.control.post(`views/${view!.id}/submit`, { as: 'bob', values: { why } });

    expect(await submit('no')).toMatchObject({ responseAction: 'errors', errors: { why: 'Say more.' } });
    expect(await submit('not on a Friday')).toMatchObject({ responseAction: null, views: [] });
    expect(await sees('carol', `search: rejected by <@${BOB}>, not on a Friday`)).toMatchObject({ ts });
  });

  test('modals are updated, pushed, closed and cleared, with all they were filled with', async () => {
    await command('settings');
    const [first] = await viewsOf('alice', 1);
    const aim = { as: 'alice', viewId: first!.id, actionId: 'details' };
    expect(await app.control.post('click', aim)).toMatchObject({ acked: true });
    await eventually(async () => JSON.stringify(await viewsOf('alice', 1)).includes('At length'), {
      describe: 'the updated modal',
    });
    const values = { environment: 'production', flags: ['dry', 'slow'] };
    const submit = () => app.control.post(`views/${first!.id}/submit`, { as: 'alice', values });

    expect(await submit()).toMatchObject({ status: 200, responseAction: 'push' });
    const [, second] = await viewsOf('alice', 2);
    expect(second).toMatchObject({ previous_view_id: first!.id, private_metadata: 'production dry,slow today' });
    await app.control.post(`views/${second!.id}/close`, { as: 'alice' });
    await sees('alice', 'Not saved.', 'dm');

    expect(await submit()).toMatchObject({ status: 200, responseAction: 'push' });
    const [, third] = await viewsOf('alice', 2);
    const saved = await app.control.post(`views/${third!.id}/submit`, { as: 'alice', values: {} });
    expect(saved).toMatchObject({ responseAction: 'clear', views: [] });
    await sees('alice', 'Saved: production dry,slow today.', 'dm');
  });

  test('a mention is answered in a thread, with channels read page by page', async () => {
    const { ts } = await mention('channels');
    await sees('carol', 'general, ops, sre', 'ops', ts);
    const cursors = (await app.calls('method=conversations.list')).map(({ args }) => args.cursor ?? '');
    expect(cursors).toEqual(['', expect.stringMatching(/./)]);
  });

  test('what somebody writes to the app itself is answered', async () => {
    await app.control.post('message', { as: 'carol', channel: 'dm', text: 'hello' });
    const answer = await sees('carol', 'Hello, <@U0CAROL003>.', 'dm');
    expect(answer).toMatchObject({ user: app.tokens.botUserId, ephemeral: false });
  });

  test('refusals arrive as the errors of the library, with what explains them', async () => {
    const { ts } = await mention('trouble');
    const reply = await eventually(async () => (await textsSince(ts))[0], { describe: 'the list of refusals' });
    expect(reply.split('\n')).toEqual([
      'channel_not_found',
      expect.stringMatching(/^missing_scope( channels:join)?$/),
      expect.stringMatching(/^invalid_blocks( .*3001 characters \[json-pointer:\/blocks\/0\/text\/text\])?$/),
    ]);
  });

  test('a call above the limit is made again after the time that was named', async () => {
    await app.control.post('faults', { kind: '429', method: 'chat.postMessage', retryAfter: 2 });
    const { ts } = await mention('ping');
    await sees('bob', 'pong', 'ops', ts);
    const [refused, posted] = (await app.calls('method=chat.postMessage')).slice(-2) as [Call, Call];
    expect([refused.status, posted.status]).toEqual([429, 200]);
    expect(Date.parse(posted.at) - Date.parse(refused.at)).toBeGreaterThanOrEqual(1_900);
  });

  test("a burst under Slack's own limits arrives whole and in order", async () => {
    await app.control.post('limits', { enabled: true });
    const { ts } = await mention('count');
    await eventually(async () => (await textsSince(ts)).length === 6, {
      deadlineMs: 30_000,
      describe: 'six replies',
    });
    await app.control.post('limits', { enabled: false });
    expect(await textsSince(ts)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  test('an event that was lost comes again, one that comes twice is answered once', async () => {
    await app.control.post('faults', { kind: 'lose' });
    const lost = await mention('ping');
    await sees('bob', 'pong', 'ops', lost.ts);
    await app.control.post('faults', { kind: 'duplicate' });
    const doubled = await mention('ping');
    await sees('bob', 'pong', 'ops', doubled.ts);
    const after = await mention('ping');
    await sees('bob', 'pong', 'ops', after.ts);

    for (const { ts } of [lost, doubled, after]) expect(await textsSince(ts)).toEqual(['pong']);
    // A delivery is on record once it was acknowledged or given up.
    const tries = async (ts: string) => {
      const calls = (await app.calls('method=events_api')) as (Call & { args: { event: { ts: string } } })[];
      return calls.filter(({ args }) => args.event.ts === ts).map(({ fault, status }) => [fault, status]);
    };
    expect(await tries(lost.ts)).toEqual([
      ['lose', 0],
      [undefined, 200],
    ]);
    expect(await tries(doubled.ts)).toEqual([['duplicate', 200]]);
  });

  test('its library had nothing to complain of so far', () => {
    expect(app.printed()).toBe('');
  });

  for (const kind of ['disconnect', 'socket_cut'] as const) {
    test(`the program goes on after ${kind === 'disconnect' ? 'a refresh' : 'its socket was cut'}`, async () => {
      expect(await app.control.post('faults', { kind })).toMatchObject({ sockets: 1 });
      await app.connected();
      // The first payloads may come before a client reads its new socket: an event is sent again.
      const { ts } = await mention('ping');
      await sees('bob', 'pong', 'ops', ts);
      await asked(`after-${kind}`);
      expect(await textsSince(ts)).toEqual(['pong']);
    });
  }

  test('nothing it sent was refused and no interaction was left unacknowledged', async () => {
    const calls = await app.calls();
    const provoked = ['channel_not_found', 'missing_scope', 'invalid_blocks', 'ratelimited'];
    const refused = calls.filter(({ response }) => response.ok === false && !provoked.includes(response.error!));
    const unanswered = calls.filter(
      ({ kind, method, status }) => kind === 'delivery' && method !== 'events_api' && status === 0,
    );
    expect({ refused, unanswered }).toEqual({ refused: [], unanswered: [] });
    expect(calls.length).toBeGreaterThan(50);
  });
}
