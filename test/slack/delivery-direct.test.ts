import { describe, expect, test } from 'vitest';
import { decideReview } from '#core/decide-review.ts';
import { endSession, findSession, setState } from '#db/sessions.ts';
import { findUser, updateUser } from '#db/users.ts';
import { install } from '../sandbox/support.ts';
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

const ask = (world: World, sessionId: string) => world.activities.sendDirectMessages({ sessionId, event: 'asked' });
const askAll = (world: World, sessionId: string) =>
  asTemporal(() => ask(world, sessionId), { retries: everyFailure, elseMs: 200 });
const inbox = async (world: World, who: string) =>
  (await messages(world, who, 'dm').catch(() => [])).map((message) => shownText(message));
/** A request whose message is in its channel. */
async function posted(world: World, options: Parameters<typeof requestReview>[1] = {}): Promise<string> {
  const sessionId = await requestReview(world, options);
  await asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
  return sessionId;
}
async function approve(world: World, sessionId: string, who: Who): Promise<void> {
  const session = await findSession(world.db, sessionId);
  const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, who), via: 'cli' } as const };
  await decideReview(ctx, sessionId, { verdict: 'approve', digest: session?.digest ?? '' });
}

describe('subscribed reviewers of the groups that are asked', () => {
  test('are told once each: who asks, for what, until when, with a link to the message', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await posted(world, { script: 'df -h\nrm -rf /tmp/x', reason: 'disk <!channel> full' });
    await askAll(world, sessionId);
    await askAll(world, sessionId);

    for (const [who, groups] of [
      ['bob', 'admin, sre'],
      ['carol', 'sre'],
    ] as const) {
      const [message, ...more] = await inbox(world, who);
      expect(more).toEqual([]);
      expect(message).toContain('Alice Archer (alice@example.com)');
      expect(message).toContain('disk <!channel> full');
      expect(message).toContain('bash: df -h (and 1 more line)');
      expect(message).toContain(groups);
    }
    const { ts } = await onlyMessage(world);
    const [{ blocks } = { blocks: [] }] = await messages(world, 'carol', 'dm');
    expect(JSON.stringify(blocks)).toContain(`/archives/${OPS}/p${ts.replace('.', '')}`);
    expect(JSON.stringify(blocks)).toContain(`/sessions/${sessionId}`);
    expect(await inbox(world, 'alice')).toEqual([]);
  });

  test('are not told of what is decided already, and who asks is never a reviewer', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const decided = await posted(world);
    await setState(world.db, decided, 'approved');
    await askAll(world, decided);
    expect([await inbox(world, 'bob'), await inbox(world, 'carol')]).toEqual([[], []]);

    const own = await posted(world, { by: 'bob', policy: { groups: ['sre'] } });
    await askAll(world, own);
    expect(await inbox(world, 'bob')).toEqual([]);
    expect(await inbox(world, 'carol')).toHaveLength(1);
  });

  test('are left alone once their group is represented or they decided, or their account is closed', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await posted(world, { policy: { groups: ['admin', 'sre'] } });
    await approve(world, sessionId, 'carol');
    await askAll(world, sessionId);
    expect(await inbox(world, 'carol')).toEqual([]);
    expect(await inbox(world, 'bob')).toHaveLength(1);

    await updateUser(world.db, (await userOf(world, 'bob')).id, { active: false });
    await askAll(world, await posted(world));
    expect(await inbox(world, 'bob')).toHaveLength(1);
  });

  test('one who cannot be reached delays no other; one whom Slack does not answer about is told later', async () => {
    const world = await createWorld();
    await configureSlack(world);
    await makeUser(world.db, 'ghost@example.com', ['sre'], { slackId: 'U0NOBODY99' });
    const sessionId = await posted(world);
    await world.control.post('faults', { kind: '5xx', method: 'chat.postMessage' });

    expect((await failureOf(ask(world, sessionId))).type).toBe('SlackUnavailable');
    const first = [...(await inbox(world, 'bob')), ...(await inbox(world, 'carol'))];
    expect(first).toHaveLength(1);
    await askAll(world, sessionId);
    expect([...(await inbox(world, 'bob')), ...(await inbox(world, 'carol'))]).toHaveLength(2);
    const rows = await world.db.query<{ last_error: string }>(
      'select last_error from slack_direct_messages where gave_up_at is not null',
    );
    expect(rows.rows).toEqual([{ last_error: 'user_not_found' }]);
  });

  test('come in turn at Slack’s pace, and those who are many hold up neither a channel nor who asked', async () => {
    const world = await createWorld();
    await configureSlack(world);
    await world.control.post('limits', { enabled: true });
    const sessionId = await posted(world);
    await world.db.query(
      `insert into slack_pace values ('T0SANDBOX0 lane reviewers', now() + interval '1 hour', now() + interval '1 hour')`,
    );
    expect((await failureOf(ask(world, sessionId))).type).toBe('SlackPaced');
    await posted(world);
    await asTemporal(() => world.activities.sendDirectMessages({ sessionId, event: 'approved' }));
    expect(await inbox(world, 'alice')).toHaveLength(1);
    expect(await inbox(world, 'bob')).toEqual([]);
  });

  test('count in what the workspace takes in all, with the messages of channels', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await posted(world);
    await world.db.query(
      `update slack_pace set departed_to = now() + interval '1 hour', promised_to = now() + interval '1 hour'
       where bucket = 'T0SANDBOX0 posts'`,
    );
    expect((await failureOf(ask(world, sessionId))).type).toBe('SlackPaced');
    const done = world.activities.sendDirectMessages({ sessionId, event: 'approved' });
    expect((await failureOf(done)).type).toBe('SlackPaced');
    expect(await inbox(world, 'alice')).toEqual([]);
  });

  test('wait for the message that their link leads to, and not for long', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    // however late this looks
    await world.db.query("update sessions set created_at = now() + interval '1 min'");
    expect(await failureOf(ask(world, sessionId))).toMatchObject({ type: 'SlackPaced', nextRetryDelay: 500 });
    await world.db.query("update sessions set created_at = now() - interval '5 s'");
    await askAll(world, sessionId);
    expect(await inbox(world, 'carol')).toHaveLength(1);
  });
});

test('sixty groups, a script of 100 kB and text made to deceive fit into every message', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const groups = Array.from({ length: 60 }, (_, i) => `group:${i} <!channel> ${'n'.repeat(60)}`);
  await makeUser(world.db, 'erin@example.com', groups, { slackId: 'U0DAVE0004', name: '<@U1> \u202e' });
  const sessionId = await posted(world, {
    policy: { groups: [...groups, 'sre'], minApprovals: 2 },
    script: `<!channel>\u200b${'x'.repeat(100_000)}`,
    reason: '*b* `c` <https://evil.example|click> '.repeat(60),
  });
  await askAll(world, sessionId);
  const [asked = ''] = await inbox(world, 'dave');
  expect(asked).toContain('group:0 <!channel>');
  expect(asked).toContain('<!channel>\\u{200b}xxx');

  const session = await findSession(world.db, sessionId);
  const { rows } = await world.db.query<{ id: string }>("select id from users where email = 'erin@example.com'");
  const erin = await findUser(world.db, rows[0]?.id ?? '');
  if (!erin) throw new Error('erin is missing');
  const ctx = { core: world.core, actor: { kind: 'user', user: erin, via: 'api' } as const };
  await decideReview(ctx, sessionId, { verdict: 'approve', digest: session?.digest ?? '', reason: 'y'.repeat(2_000) });
  await asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
  await endSession(world.db, sessionId, {
    state: 'lost',
    exitCode: null,
    exitSignal: null,
    message: 'z'.repeat(9_000),
    cause: null,
  });
  await asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
  const { ts } = await onlyMessage(world);
  const notes = (await messages(world, 'bob', 'ops', ts)).filter((m) => m.thread_ts === ts && m.ts !== ts);
  expect(notes.map((m) => m.text)).toEqual([
    expect.stringContaining('60 of 61 groups, 1 of 2 people'),
    expect.stringContaining('Lost'),
  ]);
  for (const { text } of notes) expect(text).not.toContain('<!channel>');
  expect(await world.db.query('select 1 from slack_channels where code is not null')).toMatchObject({ rowCount: 0 });
});

describe('who asked', () => {
  test('can tell requests apart by what they are about, and reads who forced an approval and why', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, {
      script: 'systemctl restart db',
      policy: { forceApproveGroups: ['admin'] },
    });
    const session = await findSession(world.db, sessionId);
    const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, 'bob'), via: 'api' } as const };
    await decideReview(ctx, sessionId, {
      verdict: 'approve',
      digest: session?.digest ?? '',
      force: true,
      reason: 'it burns',
    });
    await world.activities.sendDirectMessages({ sessionId, event: 'approved' });
    const [message] = await inbox(world, 'alice');
    expect(message).toContain('bash: systemctl restart db');
    expect(message).toMatch(/Approved \(forced\)[^]*Approved by Bob Becker \(bob@example.com\), forced[^]*it burns/);
  });

  test('gets the message once tokens that were refused are replaced', async () => {
    const world = await createWorld();
    const { botToken } = await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('revoke', { token: botToken });
    const tell = () => world.activities.sendDirectMessages({ sessionId, event: 'rejected' });
    expect(await failureOf(tell())).toMatchObject({ type: 'SlackRefused', nextRetryDelay: 60_000 });
    await world.db.query('update slack_identities set dm_channel = null');
    await configureSlack(world, await install(world.control, { name: 'other' }));
    await tell();
    expect(await inbox(world, 'alice')).toHaveLength(1);
  });
});
