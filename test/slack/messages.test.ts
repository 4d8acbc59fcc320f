import { describe, expect, test } from 'vitest';
import { decideReview } from '#core/decide-review.ts';
import { endSession, findSession, setState } from '#db/sessions.ts';
import { findSlackIdentity, unbindSlackId } from '#db/users.ts';
import { eventually } from '../support/eventually.ts';
import { asTemporal, failureOf } from './as-temporal.ts';
import {
  buttons,
  configureSlack,
  createWorld,
  messages,
  onlyMessage,
  OPS,
  requestReview,
  shownText,
  userOf,
  type Who,
  type World,
} from './world.ts';

const sync = (world: World, sessionId: string, channel = OPS) =>
  world.activities.syncSlackMessage({ sessionId, channel });
const calls = async (world: World, method: string) =>
  (await world.control.get(`calls?method=${method}`)).calls as { status: number; args: Record<string, string> }[];

async function approve(world: World, sessionId: string, who: Who): Promise<void> {
  const session = await findSession(world.db, sessionId);
  const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, who), via: 'cli' } as const };
  await decideReview(ctx, sessionId, { verdict: 'approve', digest: session?.digest ?? '' });
}

async function finish(world: World, sessionId: string, exitCode = 0): Promise<void> {
  await setState(world.db, sessionId, 'approved');
  await setState(world.db, sessionId, 'queued');
  await setState(world.db, sessionId, 'running');
  await endSession(world.db, sessionId, { state: 'finished', exitCode, exitSignal: null, message: null, cause: null });
}

describe('the message of a review', () => {
  test('is posted once, and not again while nothing changed', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, { reason: '<!channel> disk full' });

    expect(await sync(world, sessionId)).toEqual({ revision: 1, settled: false });
    expect(await sync(world, sessionId)).toEqual({ revision: 1, settled: false });

    const message = await onlyMessage(world);
    expect(buttons(message)).toEqual(expect.arrayContaining(['approve', 'reject', 'open']));
    expect(shownText(message.blocks)).toContain('<!channel> disk full');
    expect(await calls(world, 'chat.postMessage')).toHaveLength(1);
    expect(await calls(world, 'chat.update')).toHaveLength(0);
  });

  test('is rewritten in place with each change, and ends without buttons and with the outcome in its thread', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await sync(world, sessionId);
    const { ts } = await onlyMessage(world);

    await approve(world, sessionId, 'carol');
    expect(await sync(world, sessionId)).toMatchObject({ settled: false });
    const half = await onlyMessage(world);
    expect(half.ts).toBe(ts);
    expect(shownText(half.blocks)).toContain('1 of 2 groups');
    expect(shownText(half.blocks)).toContain('Carol Castro (carol@example.com) approved');
    expect(buttons(half)).toEqual(expect.arrayContaining(['approve', 'reject', 'open']));

    await finish(world, sessionId, 3);
    expect(await asTemporal(() => sync(world, sessionId))).toMatchObject({ settled: true });
    await sync(world, sessionId);
    const done = await onlyMessage(world);
    expect(buttons(done)).toEqual(['open']);
    expect(done.text).toContain('Finished with exit status 3');
    const thread = (await messages(world, 'bob', 'ops', ts)).filter((m) => m.thread_ts === ts && m.ts !== ts);
    expect(thread.map((m) => m.text)).toEqual([
      expect.stringContaining('1 of 2 groups'),
      expect.stringContaining('Finished with exit status 3'),
    ]);
  });

  test('shows the latest state when Slack was away all the while', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    const { id } = await world.control.post('faults', { kind: 'outage' });

    expect(await failureOf(sync(world, sessionId))).toMatchObject({ type: 'SlackUnavailable', nonRetryable: false });
    await finish(world, sessionId);
    await failureOf(sync(world, sessionId));
    await world.control.remove(`faults/${String(id)}`);

    expect(await asTemporal(() => sync(world, sessionId))).toMatchObject({ settled: true });
    expect((await onlyMessage(world)).text).toContain('Finished with exit status 0');
  });

  test('a rate limit is honoured: Temporal tries again when Slack says', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('faults', { kind: '429', retryAfter: 170, method: 'chat.postMessage' });

    expect(await failureOf(sync(world, sessionId))).toMatchObject({
      type: 'SlackRateLimited',
      nextRetryDelay: 170_000,
    });
    const early = await failureOf(sync(world, sessionId));
    expect(early.type).toBe('SlackPaced');
    expect(Number(early.nextRetryDelay)).toBeGreaterThan(100_000);
    expect(await calls(world, 'chat.postMessage')).toHaveLength(1);
  });

  test.each([
    ['5xx', {}],
    ['drop_before', {}],
    ['error', { error: 'internal_error' }],
  ])('a passing failure (%s) is tried again by Temporal, not by the client', async (kind, more) => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('faults', { kind, method: 'chat.postMessage', ...more });

    expect(await failureOf(sync(world, sessionId))).toMatchObject({ type: 'SlackUnavailable' });
    expect(await calls(world, 'chat.postMessage')).toHaveLength(1);
  });

  test('a reply lost after the write makes one more message and no third', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('faults', { kind: 'drop_after', method: 'chat.postMessage' });

    await failureOf(sync(world, sessionId));
    await sync(world, sessionId);
    await sync(world, sessionId);

    expect(await messages(world, 'bob')).toHaveLength(2);
  });

  test('a deleted message is posted anew', async () => {
    const world = await createWorld();
    const { botToken } = await configureSlack(world);
    const sessionId = await requestReview(world);
    await sync(world, sessionId);
    const { ts } = await onlyMessage(world);
    await fetch(`${world.sandbox.apiUrl}chat.delete`, {
      method: 'POST',
      headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: OPS, ts }),
    });

    await approve(world, sessionId, 'carol');
    await asTemporal(() => sync(world, sessionId));

    const anew = (await messages(world, 'bob')).filter((m) => buttons(m).includes('approve'));
    expect(anew).toHaveLength(1);
    expect(anew[0]?.ts).not.toBe(ts);
    expect(shownText(anew[0]?.blocks)).toContain('1 of 2');
  });

  test('a change made while Slack is slow is not lost', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    const { id } = await world.control.post('faults', { kind: 'hold', method: 'chat.postMessage' });

    const syncing = sync(world, sessionId);
    await eventually(async () => (await messages(world, 'bob')).length === 1);
    await finish(world, sessionId);
    await world.control.remove(`faults/${id}`);

    expect(await syncing).toMatchObject({ settled: true });
    expect((await onlyMessage(world)).text).toContain('Finished');
  });

  test('a slow writer of an older state does not leave it over a newer one', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await sync(world, sessionId);
    await approve(world, sessionId, 'carol');
    await world.control.post('faults', { kind: 'slow', ms: 400, method: 'chat.update' });

    const slow = sync(world, sessionId);
    await eventually(async () => shownText((await onlyMessage(world)).blocks).includes('1 of 2'));
    await finish(world, sessionId);
    await Promise.all([slow, sync(world, sessionId)]);

    expect((await onlyMessage(world)).text).toContain('Finished');
  });

  test('a long script is cut, and Approve leads to the full text', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, { script: 'x\u202e'.repeat(50_000) });
    await sync(world, sessionId);
    expect((await onlyMessage(world)).blocks?.at(-1)?.block_id).toBe('decide_in_full');
  });

  test('without a configured Slack is tried every minute', async () => {
    const world = await createWorld();
    const sessionId = await requestReview(world);
    expect(await failureOf(sync(world, sessionId))).toMatchObject({ type: 'SlackRefused', nextRetryDelay: 60_000 });
  });
});

describe('direct messages to who asked', () => {
  const tell = (world: World, sessionId: string, event: 'approved' | 'rejected' | 'finished') =>
    world.activities.sendDirectMessages({ sessionId, event });
  const inbox = (world: World) => messages(world, 'alice', 'dm');

  test('come once for each event, with the outcome', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await approve(world, sessionId, 'bob');
    await tell(world, sessionId, 'approved');
    await finish(world, sessionId, 7);
    await tell(world, sessionId, 'finished');
    await tell(world, sessionId, 'finished');

    const seen = await inbox(world);
    expect(seen.map((m) => m.text)).toEqual([
      expect.stringMatching(/^Approved: your command on /),
      expect.stringContaining('exit status 7'),
    ]);
    expect(shownText(seen[0]?.blocks)).toContain('Approved by Bob Becker (bob@example.com)');
    expect(await calls(world, 'conversations.open')).toHaveLength(1);
  });

  test('wait for Slack to be back', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('faults', { kind: '5xx', method: 'conversations.open' });

    expect(await failureOf(tell(world, sessionId, 'rejected'))).toMatchObject({ type: 'SlackUnavailable' });
    await tell(world, sessionId, 'rejected');
    expect(await inbox(world)).toHaveLength(1);
  });

  test('go nowhere for somebody without a Slack id', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await unbindSlackId(world.db, (await userOf(world, 'alice')).id);
    await tell(world, sessionId, 'finished');
    expect(await calls(world, 'chat.postMessage')).toEqual([]);
  });

  test('find their way when the remembered conversation belongs to another workspace', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    const { id } = await userOf(world, 'alice');
    await world.db.query("update slack_identities set dm_channel = 'D0ELSEWHERE' where user_id = $1", [id]);
    await tell(world, sessionId, 'finished');
    expect(await inbox(world)).toHaveLength(1);
    expect((await findSlackIdentity(world.db, id))?.dmChannel).not.toBe('D0ELSEWHERE');
  });

  test('a person Slack does not have is recorded and not tried for ever', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.db.query("update slack_identities set slack_id = 'U0NOBODY99' where slack_id = 'U0ALICE001'");
    await tell(world, sessionId, 'finished');
    const rows = await world.db.query<{ last_error: string }>('select last_error from slack_direct_messages');
    expect(rows.rows).toEqual([{ last_error: 'user_not_found' }]);
  });
});
