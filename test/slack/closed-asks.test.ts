import { describe, expect, test } from 'vitest';
import { cancelSession, decideReview } from '#core/decide-review.ts';
import { finishSession } from '#core/finish-session.ts';
import { takeTurn } from '#db/slack-pace.ts';
import { endSession, findSession, setState } from '#db/sessions.ts';
import { deletePlugin } from '#db/plugins.ts';
import { makeUser } from '../support/rows.ts';
import { asTemporal, everyFailure, failureOf } from './as-temporal.ts';
import {
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

const team = 'T0SANDBOX0';
/** The same activity asks while it waits, and says what became of it when it does not. */
const once = (world: World, sessionId: string) => world.activities.sendDirectMessages({ sessionId, event: 'asked' });
const keep = (world: World, sessionId: string) =>
  asTemporal(() => once(world, sessionId), { retries: everyFailure, elseMs: 200 });
const sync = (world: World, sessionId: string) =>
  asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
const inbox = (world: World, who: string) => messages(world, who, 'dm').catch(() => []);
const texts = async (world: World, who: string) => (await inbox(world, who)).map((message) => shownText(message));
const updates = async (world: World) =>
  ((await world.control.get('calls')).calls as { method: string; channel?: string }[]).filter(
    ({ method }) => method === 'chat.update',
  ).length;

async function asked(world: World, options: Parameters<typeof requestReview>[1] = {}): Promise<string> {
  const sessionId = await requestReview(world, options);
  await sync(world, sessionId);
  await keep(world, sessionId);
  return sessionId;
}

async function decide(world: World, sessionId: string, who: Who, verdict: 'approve' | 'reject', reason = '') {
  const session = await findSession(world.db, sessionId);
  const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, who), via: 'cli' } } as const;
  await decideReview(ctx, sessionId, { verdict, digest: session?.digest ?? '', reason });
  if (verdict === 'reject')
    await finishSession(world.db, sessionId, { ...expired, state: 'rejected', source: 'review' });
}

const expired = { state: 'expired', exitCode: null, exitSignal: null, message: null, cause: null } as const;

describe('what asked a reviewer in private', () => {
  test('says who rejected it and why, calls for no decision any more, and is rewritten once', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await asked(world);
    expect((await texts(world, 'carol'))[0]).toContain('You are asked');
    await decide(world, sessionId, 'bob', 'reject', 'not on a <!channel> Friday');
    await keep(world, sessionId);
    const before = await updates(world);
    await keep(world, sessionId);
    expect(await updates(world)).toBe(before);

    for (const who of ['bob', 'carol']) {
      const [message, ...more] = await inbox(world, who);
      expect(more).toEqual([]);
      expect(message?.text).not.toContain('<!channel>');
      const text = shownText(message);
      expect(text).toContain('Rejected by Bob Becker (bob@example.com): not on a <!channel> Friday');
      expect(text).not.toContain('You are asked');
      expect(JSON.stringify(message)).not.toContain('Decide in Slack');
      expect(JSON.stringify(message)).toContain(`/sessions/${sessionId}`);
    }
  });

  test('names those who approved, and stays so when the command has run', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await asked(world, { policy: { groups: ['sre'], minApprovals: 2 } });
    await decide(world, sessionId, 'bob', 'approve');
    await keep(world, sessionId);
    expect((await texts(world, 'carol'))[0]).toContain('You are asked');
    await decide(world, sessionId, 'carol', 'approve');
    await setState(world.db, sessionId, 'approved');
    await keep(world, sessionId);
    const by = 'Approved by Bob Becker (bob@example.com), Carol Castro (carol@example.com)';
    expect((await texts(world, 'carol'))[0]).toContain(by);
    await endSession(world.db, sessionId, { ...expired, state: 'finished', exitCode: 0 });
    const before = await updates(world);
    await keep(world, sessionId);
    expect(await updates(world)).toBe(before);
  });

  test('says that it was withdrawn, and that it expired; a reminder too', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const withdrawn = await asked(world, { policy: { groups: ['admin'] } });
    const remind = () => world.activities.sendDirectMessages({ sessionId: withdrawn, event: 'reminder' });
    await asTemporal(remind);
    const alice = {
      core: world.core,
      actor: { kind: 'user', user: await userOf(world, 'alice'), via: 'cli' },
    } as const;
    await cancelSession(alice, withdrawn);
    await finishSession(world.db, withdrawn, { ...expired, state: 'cancelled', source: 'review' });
    await keep(world, withdrawn);
    for (const text of await texts(world, 'bob')) expect(text).toContain('Withdrawn');
    expect(await inbox(world, 'bob')).toHaveLength(2);

    const late = await asked(world, { policy: { groups: ['sre'] } });
    await endSession(world.db, late, expired);
    await keep(world, late);
    expect((await texts(world, 'carol')).join('\n')).toContain('Expired');
    expect((await texts(world, 'carol')).join('\n')).not.toContain('You are asked');
  });

  test('is rewritten too where a newer one took its place', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await asked(world, { policy: { groups: ['admin'] } });
    await world.db.query('update slack_direct_messages set envelope_version = 0');
    await keep(world, sessionId);
    expect(await inbox(world, 'bob')).toHaveLength(2);
    await decide(world, sessionId, 'bob', 'reject', 'no');
    await keep(world, sessionId);
    for (const text of await texts(world, 'bob')) expect(text).toContain('Rejected by Bob Becker');
  });

  test('is followed by a new one when the request waits after all', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await asked(world, { policy: { groups: ['sre'] } });
    await setState(world.db, sessionId, 'approved');
    await keep(world, sessionId);
    await world.db.query("update sessions set state = 'pending' where id = $1", [sessionId]);
    await keep(world, sessionId);
    const [first, second] = await texts(world, 'carol');
    expect(first).not.toContain('You are asked');
    expect(second).toContain('You are asked');
  });

  test('that Slack does not let hoop change delays no other; one without an answer is tried again', async () => {
    const world = await createWorld();
    await configureSlack(world);
    await makeUser(world.db, 'dave@example.com', ['sre'], { slackId: 'U0DAVE0004' });
    const sessionId = await asked(world, { policy: { groups: ['sre'] } });
    await world.db.query(
      `update slack_direct_messages set ts = '1.000001' where user_id = (select id from users where email = 'bob@example.com')`,
    );
    await decide(world, sessionId, 'carol', 'reject', 'no');
    await world.control.post('faults', { kind: '5xx', method: 'chat.update' });
    expect((await failureOf(once(world, sessionId))).type).toBe('SlackUnavailable');
    const closed = async () =>
      (await Promise.all(['carol', 'dave'].map((who) => texts(world, who))))
        .flat()
        .filter((t) => t.includes('Rejected'));
    expect((await closed()).length).toBeGreaterThanOrEqual(1);
    await keep(world, sessionId);
    expect(await closed()).toHaveLength(2);
    const { rows } = await world.db.query('select last_error from slack_direct_messages where last_error is not null');
    expect(rows).toEqual([{ last_error: 'message_not_found' }]);
  });

  test('follows when an admin took the tokens away and set them again', async () => {
    const world = await createWorld();
    const tokens = await configureSlack(world);
    const sessionId = await asked(world);
    await deletePlugin(world.db, 'slack');
    await decide(world, sessionId, 'bob', 'reject', 'no');
    expect(await failureOf(once(world, sessionId))).toMatchObject({ type: 'SlackRefused', nextRetryDelay: 60_000 });
    await configureSlack(world, tokens);
    await keep(world, sessionId);
    expect((await texts(world, 'carol'))[0]).toContain('Rejected by');
    await deletePlugin(world.db, 'slack');
    await keep(world, sessionId);
  });
});

test('thousands that are to be rewritten give way to messages in channels, however late these are', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const sessionId = await asked(world);
  const own = { name: `${team} closings`, everyMs: 2_400, burst: 5 };
  for (let i = 0; i < 200; i += 1) await takeTurn(world.db, `closing ${i}`, [own]);
  await decide(world, sessionId, 'bob', 'reject', 'no');
  expect((await failureOf(once(world, sessionId))).type).toBe('SlackPaced');
  // neither fresh nor in the way of those
  await world.db.query("update sessions set created_at = now() - interval '1 hour'");
  await world.db.query("update decisions set created_at = now() - interval '1 hour'");
  await sync(world, sessionId);
  expect(shownText(await onlyMessage(world))).toContain('rejected');

  // and what waits there comes first
  await world.db.query('delete from slack_turns');
  await world.db.query('delete from slack_pace');
  const all = { name: `${team} chat.update`, everyMs: 1_200, burst: 10 };
  for (let i = 0; i < 11; i += 1) await takeTurn(world.db, `late ${i}`, [all]);
  await world.db.query("update slack_pace set departed_to = '-infinity', promised_to = '-infinity'");
  expect(await failureOf(once(world, sessionId))).toMatchObject({ type: 'SlackPaced' });
  await world.db.query('delete from slack_turns');
  await world.db.query('delete from slack_pace');
  await keep(world, sessionId);
  expect((await texts(world, 'carol'))[0]).toContain('Rejected by');
});
