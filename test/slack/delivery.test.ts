import { describe, expect, onTestFinished, test } from 'vitest';
import { adoptSlackCopy } from '#core/adopt-slack-copy.ts';
import { cancelSession, decideReview, revokeSession } from '#core/decide-review.ts';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { createSlackActivities } from '#activities/slack/index.ts';
import type { SlackActivities } from '#activities/types.ts';
import { openDatabase } from '#db/pool.ts';
import { listSlackChannels } from '#db/slack-channels.ts';
import { takeTurn } from '#db/slack-pace.ts';
import { findSlackMessage } from '#db/slack-messages.ts';
import { endSession, findSession, setState } from '#db/sessions.ts';
import { asTemporal, everyFailure, failureOf } from './as-temporal.ts';
import {
  buttons,
  configureSlack,
  createWorld,
  messages,
  onlyMessage,
  OPS,
  pluginState,
  requestReview,
  saveTokens,
  shownText,
  SRE,
  userOf,
  type Who,
  type World,
} from './world.ts';

const team = 'T0SANDBOX0';
const sync = (world: World, sessionId: string, channel = OPS, activities: SlackActivities = world.activities) =>
  activities.syncSlackMessage({ sessionId, channel });
/** Until nothing is left to do, whatever stands in the way for a while. */
const deliver = (world: World, sessionId: string, channel = OPS, activities: SlackActivities = world.activities) =>
  asTemporal(() => sync(world, sessionId, channel, activities), { retries: everyFailure });
const calls = async (world: World, method: string) =>
  (await world.control.get(`calls?method=${method}`)).calls as {
    status: number;
    args: Record<string, string>;
    response: { ok?: boolean; error?: string };
  }[];
const as = async (world: World, who: Who) =>
  ({ core: world.core, actor: { kind: 'user', user: await userOf(world, who), via: 'console' } }) as const;

async function decide(
  world: World,
  sessionId: string,
  who: Who,
  more: { verdict?: 'approve' | 'reject'; reason?: string; force?: boolean; group?: string } = {},
): Promise<void> {
  const session = await findSession(world.db, sessionId);
  await decideReview(await as(world, who), sessionId, { verdict: 'approve', digest: session?.digest ?? '', ...more });
}

async function run(world: World, sessionId: string): Promise<void> {
  for (const state of ['approved', 'queued', 'running'] as const) await setState(world.db, sessionId, state);
}

type End = 'finished' | 'rejected' | 'expired' | 'cancelled' | 'revoked';
const end = (world: World, sessionId: string, state: End = 'finished') =>
  endSession(world.db, sessionId, {
    state,
    exitCode: state === 'finished' ? 0 : null,
    exitSignal: null,
    message: null,
    cause: null,
  });

/** A second worker on connections of its own. */
function anotherWorker({ core, databaseUrl }: World): SlackActivities {
  const db = openDatabase({ url: databaseUrl, max: 5 });
  onTestFinished(() => db.end());
  const { log, publicUrl } = core;
  return createSlackActivities({ db, log, publicUrl, openTokens: () => openSlackTokens({ ...core, db }) });
}

const thread = async (world: World): Promise<string[]> => {
  const { ts } = await onlyMessage(world);
  const all = await messages(world, 'bob', 'ops', ts);
  return all.filter((m) => m.thread_ts === ts && m.ts !== ts).map((m) => shownText(m));
};
const forgetWait = (world: World) => world.db.query('update slack_channels set next_try_at = now()');

describe('under the limits of Slack', () => {
  test('two workers post and rewrite many reviews and are not told to slow down', async () => {
    const world = await createWorld();
    await configureSlack(world);
    await world.control.post('limits', { enabled: true });
    const workers = [world.activities, anotherWorker(world)];
    const sessions: [string, string][] = [];
    for (let i = 0; i < 8; i += 1) {
      const channel = i % 4 === 0 ? SRE : OPS;
      sessions.push([await requestReview(world, { channels: [channel] }), channel]);
    }
    await Promise.all(sessions.map(([id, channel], i) => deliver(world, id, channel, workers[i % 2])));
    for (const [id] of sessions) await decide(world, id, 'carol');
    await Promise.all(sessions.map(([id, channel], i) => deliver(world, id, channel, workers[(i + 1) % 2])));

    const made = [...(await calls(world, 'chat.postMessage')), ...(await calls(world, 'chat.update'))];
    // one: a busy machine may hold a call back for longer than the second that is left for that
    expect(made.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(1);
    const shown = [...(await messages(world, 'bob')), ...(await messages(world, 'bob', 'sre'))];
    expect(shown.filter((m) => !m.thread_ts && shownText(m).includes('1 of 2 groups'))).toHaveLength(8);
  });

  test('what one worker is told to wait, all wait, in that channel and in no other', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const [one, two, elsewhere] = [
      await requestReview(world),
      await requestReview(world),
      await requestReview(world, { channels: [SRE] }),
    ];
    await world.control.post('faults', { kind: '429', retryAfter: 10, method: 'chat.postMessage' });

    expect(await failureOf(sync(world, one))).toMatchObject({ type: 'SlackRateLimited', nextRetryDelay: 10_000 });
    const refused = Date.now();
    expect((await failureOf(sync(world, two, OPS, anotherWorker(world)))).type).toBe('SlackPaced');
    await sync(world, elsewhere, SRE);
    expect(await messages(world, 'bob', 'sre')).toHaveLength(1);
    await Promise.all([deliver(world, one), deliver(world, two)]);
    expect(Date.now() - refused).toBeGreaterThan(9_900);
    expect(await messages(world, 'bob')).toHaveLength(2);
  });

  test('once two channels are told to wait, every channel waits, and direct messages do not', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const channels = [OPS, SRE, 'C0GENERAL1'];
    const sessions = await Promise.all(channels.map((channel) => requestReview(world, { channels: [channel] })));
    await world.control.post('faults', { kind: '429', retryAfter: 60, method: 'chat.postMessage', count: 2 });
    const [one = '', two = '', three = ''] = sessions;
    expect((await failureOf(sync(world, one, OPS))).type).toBe('SlackRateLimited');
    expect((await failureOf(sync(world, two, SRE))).type).toBe('SlackRateLimited');
    expect((await failureOf(sync(world, three, 'C0GENERAL1'))).type).toBe('SlackPaced');
    await world.activities.sendDirectMessages({ sessionId: one, event: 'expired' });
    expect(await messages(world, 'alice', 'dm')).toHaveLength(1);
  });

  test('a change while a message waits for its turn is what is sent', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const late = await requestReview(world);
    await takeTurn(world.db, 'another', [{ name: `${team} post ${OPS}`, everyMs: 600_000, burst: 1 }]);
    expect((await failureOf(sync(world, late))).type).toBe('SlackPaced');
    await decide(world, late, 'carol');
    await world.db.query('delete from slack_turns');
    await world.db.query('delete from slack_pace');
    await deliver(world, late);
    expect(shownText(await onlyMessage(world))).toContain('1 of 2 groups');
    expect(await calls(world, 'chat.update')).toEqual([]);
  });
});

describe('a channel that refuses', () => {
  test('is shown to admins with what to do, delays no other, and gets its message once it is repaired', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, { channels: [OPS, SRE] });
    await world.control.post('archive', { channel: 'ops' });

    expect(await failureOf(sync(world, sessionId))).toMatchObject({ type: 'SlackRefused', nextRetryDelay: 15_000 });
    expect(await sync(world, sessionId, SRE)).toMatchObject({ settled: false });
    expect(await messages(world, 'bob', 'sre')).toHaveLength(1);
    const [failing, fine] = await listSlackChannels(world.db, team);
    expect(failing).toMatchObject({ channel: OPS, code: 'is_archived', failures: 1 });
    expect(failing?.advice).toContain('unarchive it');
    expect(fine).toMatchObject({ channel: SRE, code: null, lastSuccessAt: expect.any(Date) as Date });

    await world.control.post('archive', { channel: 'ops', archived: false });
    await forgetWait(world);
    expect(await sync(world, sessionId)).toMatchObject({ settled: false });
    expect(buttons(await onlyMessage(world))).toContain('approve');
    expect((await listSlackChannels(world.db, team)).map(({ code }) => code)).toEqual([null, null]);
    expect(await findSlackMessage(world.db, sessionId, OPS, 'review')).toMatchObject({
      lastError: null,
      refusedAt: null,
    });
  });

  test('is shown no longer once nobody is asked there', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('archive', { channel: 'ops' });
    await failureOf(sync(world, sessionId));
    await world.db.query('update connection_plugins set channel_ids = $1', [[SRE]]);
    expect(await pluginState(world)).toMatchObject({ lastError: expect.stringContaining('archived') as string });
    await end(world, sessionId, 'expired');
    expect(await pluginState(world)).toMatchObject({ lastError: null });
  });

  test('is asked by one session at a time, whoever else waits; a new request tries at once', async () => {
    const world = await createWorld();
    await configureSlack(world);
    await world.control.post('archive', { channel: 'ops' });
    const [one, two] = [await requestReview(world), await requestReview(world)];
    await failureOf(sync(world, one));
    expect((await failureOf(sync(world, one))).type).toBe('SlackRefused');
    expect(await calls(world, 'chat.postMessage')).toHaveLength(1);
    await failureOf(sync(world, two));
    expect(await calls(world, 'chat.postMessage')).toHaveLength(2);
  });

  test('is tried once more when the session ends, and no longer than an hour after', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('archive', { channel: 'ops' });
    await failureOf(sync(world, sessionId));
    await end(world, sessionId, 'expired');

    expect((await failureOf(sync(world, sessionId))).type).toBe('SlackRefused');
    expect(await calls(world, 'chat.postMessage')).toHaveLength(2);
    await failureOf(sync(world, sessionId));
    expect(await calls(world, 'chat.postMessage')).toHaveLength(2);

    await world.db.query('alter table sessions disable trigger one_end_state');
    await world.db.query("update sessions set ended_at = now() - interval '61 min'");
    // the third post into the channel within a second waits for its turn
    expect(await asTemporal(() => sync(world, sessionId))).toMatchObject({ settled: true });
  });

  test('tokens that are refused are replaced, and the message comes at once', async () => {
    const world = await createWorld();
    await saveTokens(world, { botToken: 'xoxb-sandbox-gone', appToken: 'xapp-sandbox-gone' });
    const sessionId = await requestReview(world);
    expect((await failureOf(sync(world, sessionId))).type).toBe('SlackRefused');
    expect((await listSlackChannels(world.db, ''))[0]?.advice).toContain('hoop admin create plugin slack');
    await configureSlack(world);
    await sync(world, sessionId);
    expect(buttons(await onlyMessage(world))).toContain('approve');
  });

  test('blocks that Slack refuses are hoop’s fault: reviewers get a plain message, without Approve', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('faults', { kind: 'error', error: 'invalid_blocks', method: 'chat.postMessage' });
    await deliver(world, sessionId);
    const message = await onlyMessage(world);
    expect(message.text).toContain(`/sessions/${sessionId}`);
    expect(buttons(message)).toEqual([]);
    expect((await listSlackChannels(world.db, team))[0]?.code).toBeNull();
  });
});

describe('a reply that is lost', () => {
  test('makes one more message at the most, and a copy that somebody clicks is kept current like the other', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('faults', { kind: 'drop_after', method: 'chat.postMessage' });
    await deliver(world, sessionId);
    const [lost, known] = await messages(world, 'bob');
    expect((await findSlackMessage(world.db, sessionId, OPS, 'review'))?.ts).toBe(known?.ts);

    await decide(world, sessionId, 'carol');
    await adoptSlackCopy(world.core, { sessionId, channel: OPS, ts: lost?.ts ?? '' });
    await deliver(world, sessionId);
    const half = (await messages(world, 'bob')).filter((m) => !m.thread_ts || m.thread_ts === m.ts);
    expect(half.map((m) => shownText(m).includes('1 of 2 groups'))).toEqual([true, true]);
    await end(world, sessionId, 'rejected');
    await deliver(world, sessionId);
    const ended = (await messages(world, 'bob')).filter((m) => m.ts === lost?.ts || m.ts === known?.ts);
    expect(ended.map((m) => [buttons(m), m.text.includes('Rejected')])).toEqual([
      [['open'], true],
      [['open'], true],
    ]);
  });

  test('of a rewriting leaves nothing old behind: it is written once more', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await deliver(world, sessionId);
    await world.control.post('faults', { kind: 'drop_after', method: 'chat.update' });
    await decide(world, sessionId, 'carol');
    await failureOf(sync(world, sessionId));
    expect((await findSlackMessage(world.db, sessionId, OPS, 'review'))?.contentHash).toBeNull();
    await deliver(world, sessionId);
    expect(shownText(await onlyMessage(world))).toContain('1 of 2 groups');
    expect(await calls(world, 'chat.update')).toHaveLength(2);
  });

  test('through a storm of faults every review is shown, with no more copies than lost replies', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const workers = [world.activities, anotherWorker(world)];
    const sessions = await Promise.all(Array.from({ length: 6 }, () => requestReview(world)));
    for (const kind of ['5xx', 'drop_before', 'drop_after', '429', 'drop_after'])
      await world.control.post('faults', { kind, method: 'chat.postMessage' });
    await Promise.all(sessions.map((id, i) => deliver(world, id, OPS, workers[i % 2])));
    const shown = await messages(world, 'bob');
    expect(shown).toHaveLength(6 + 2);
    const rows = await Promise.all(sessions.map((id) => findSlackMessage(world.db, id, OPS, 'review')));
    for (const row of rows) expect(shown.map((m) => m.ts)).toContain(row?.ts);
  });
});

describe('the message is rewritten', () => {
  test.each([
    ['Rejected', (w: World, id: string) => decide(w, id, 'bob', { verdict: 'reject', reason: 'not now' }), 'rejected'],
    ['Withdrawn', async (w: World, id: string) => cancelSession(await as(w, 'alice'), id, 'mistake'), 'cancelled'],
    ['Expired', async () => undefined, 'expired'],
    [
      'Revoked',
      async (w: World, id: string) => {
        await run(w, id);
        await revokeSession(await as(w, 'bob'), id, 'too long');
      },
      'revoked',
    ],
  ] as const)('once it is %s, in the channel and in the thread', async (said, happen, state) => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await deliver(world, sessionId);
    await happen(world, sessionId);
    if (!(await findSession(world.db, sessionId))?.endedAt) await end(world, sessionId, state);
    expect(await deliver(world, sessionId)).toMatchObject({ settled: true });
    const message = await onlyMessage(world);
    expect(message.text).toContain(said);
    expect(buttons(message)).toEqual(['open']);
    expect(await thread(world)).toEqual([expect.stringContaining(said)]);
  });
});

describe('the thread', () => {
  test('tells each decision and the run once, with who and why, and the outcome with how it ended', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await deliver(world, sessionId);
    await decide(world, sessionId, 'carol', { reason: 'looks fine' });
    await deliver(world, sessionId);
    await deliver(world, sessionId);
    await decide(world, sessionId, 'bob', { group: 'admin' });
    await run(world, sessionId);
    await deliver(world, sessionId);
    await deliver(world, sessionId);
    await end(world, sessionId);
    await deliver(world, sessionId);
    await deliver(world, sessionId);

    const notes = await thread(world);
    expect(notes).toHaveLength(3);
    expect(notes[0]).toMatch(/Carol Castro \(carol@example.com\) approved for sre[^]*looks fine[^]*1 of 2 groups/);
    expect(notes[1]).toMatch(/Bob Becker \(bob@example.com\) approved for admin[^]*running[^]*2 of 2 groups/);
    expect(notes[1]).not.toContain('Carol');
    expect(notes[2]).toContain('Finished with exit status 0 after');
    expect(notes[2]).not.toMatch(/Carol|Bob/);
  });

  test('has the outcome alone when the session ended before anybody looked', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await deliver(world, sessionId);
    await decide(world, sessionId, 'bob');
    await run(world, sessionId);
    await end(world, sessionId);
    await deliver(world, sessionId);
    expect(await thread(world)).toEqual([expect.stringMatching(/Finished[^]*Bob Becker/)]);
  });

  test('marks a forced approval, with its reason', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, { policy: { forceApproveGroups: ['admin'] } });
    await deliver(world, sessionId);
    await decide(world, sessionId, 'bob', { force: true, reason: 'production is down' });
    await deliver(world, sessionId);
    await end(world, sessionId);
    await deliver(world, sessionId);
    const notes = await thread(world);
    expect(notes).toHaveLength(2);
    for (const note of notes) expect(note).toContain('forced');
    expect(notes[0]).toContain('production is down');
  });
});
