import { describe, expect, test } from 'vitest';
import { alignApprovedBy } from '#core/align-session.ts';
import { decideReview } from '#core/decide-review.ts';
import { noteReminder } from '#core/note-reminder.ts';
import { saveConnection, type ConnectionToSave } from '#core/save-connection.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { setUserGroups } from '#db/users.ts';
import type { NoticeEvent } from '#activities/types.ts';
import { asTemporal, everyFailure } from './as-temporal.ts';
import { configureSlack, createWorld, messages, onlyMessage, OPS, requestReview, shownText, userOf } from './world.ts';
import type { Who, World } from './world.ts';

const show = (world: World, sessionId: string) =>
  asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }), {
    retries: everyFailure,
    elseMs: 200,
  });
const tell = (world: World, sessionId: string, event: NoticeEvent) =>
  asTemporal(() => world.activities.sendDirectMessages({ sessionId, event }), { retries: everyFailure, elseMs: 200 });
const inbox = async (world: World, who: string) =>
  (await messages(world, who, 'dm').catch(() => [])).map((message) => shownText(message));
async function row(world: World, id: string): Promise<SessionRow> {
  const found = await findSession(world.db, id);
  if (!found) throw new Error('no session');
  return found;
}
async function approve(world: World, sessionId: string, who: Who): Promise<void> {
  const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, who), via: 'cli' } as const };
  await decideReview(ctx, sessionId, { verdict: 'approve', digest: (await row(world, sessionId)).digest });
}
async function change(world: World, sessionId: string, input: Omit<ConnectionToSave, 'name'>): Promise<void> {
  const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, 'bob'), via: 'cli' } as const };
  await saveConnection(ctx, { name: (await row(world, sessionId)).connectionName, overwrite: true, ...input });
}
/** As shown in the channel, with the values of its buttons; and the notes in its thread. */
async function shown(world: World) {
  const message = await onlyMessage(world);
  const thread = (await messages(world, 'carol', 'ops', message.ts)).slice(1).map((note) => shownText(note));
  return { text: shownText(message), values: JSON.stringify(message.blocks), thread };
}

describe('a connection that changes', () => {
  test('rewrites the message with fresh buttons, and tells the thread, who asked, and those who had approved', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, { policy: { groups: ['admin', 'sre'], distinctReviewers: true } });
    await show(world, sessionId);
    await tell(world, sessionId, 'asked');
    await approve(world, sessionId, 'carol');
    await show(world, sessionId);
    await change(world, sessionId, { command: ['sh', '-e'] });
    await show(world, sessionId);
    await tell(world, sessionId, 'changed');
    await tell(world, sessionId, 'changed');

    const why =
      'The connection was changed by bob@example.com (command): approvals so far do not count; reviewers are asked again.';
    const { text, values, thread } = await shown(world);
    expect(text).toContain(why);
    expect(text).toContain('sh -e');
    expect(text).toContain('Carol Castro (carol@example.com) approved what the request was before it changed');
    expect(text).toContain('0 of 2 groups');
    expect(values).toContain(`${sessionId}:2`);
    expect(values).not.toContain(`${sessionId}:1`);
    expect(thread.at(-1)).toContain(why);
    const creator = await inbox(world, 'alice');
    expect(creator.filter((message) => message.includes('It waits for approval again'))).toHaveLength(1);
    expect(creator.at(-1)).toContain(why);
    const approver = await inbox(world, 'carol');
    expect(approver.filter((message) => message.includes('What you approved has changed'))).toHaveLength(1);
    expect(approver.at(-1)).toContain(why);

    await tell(world, sessionId, 'asked');
    const asked = 'You are asked to review a command';
    // who had approved was told that it changed; the others are asked anew
    expect((await inbox(world, 'bob')).filter((message) => message.includes(asked))).toHaveLength(2);
    expect((await inbox(world, 'carol')).filter((message) => message.includes(asked))).toHaveLength(1);
  });

  test('to no reviewers takes the buttons away and says so', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await show(world, sessionId);
    await change(world, sessionId, { reviewers: [] });
    await show(world, sessionId);
    await tell(world, sessionId, 'changed');
    const { text, values } = await shown(world);
    expect(text).toContain('nobody has to approve it any more');
    expect(values).not.toContain('"action_id":"approve"');
    expect((await inbox(world, 'alice')).at(-1)).toContain('It needs no approval any more');
  });
});

test('an approver who left the group is named in the message and its thread, and not any more once they are back', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const sessionId = await requestReview(world, { policy: { groups: ['sre'] } });
  await approve(world, sessionId, 'carol');
  await show(world, sessionId);
  const carol = await userOf(world, 'carol');
  await setUserGroups(world.db, carol.id, []);
  await alignApprovedBy(world.core, carol.id);
  await show(world, sessionId);
  const lapsed =
    'The approval of Carol Castro (carol@example.com) does not count for sre now: they are no reviewer of it any more.';
  const open = await shown(world);
  expect(open.text).toContain(lapsed);
  expect(open.values).toContain('"action_id":"approve"');
  expect(open.thread.at(-1)).toContain(lapsed);
  await tell(world, sessionId, 'changed');
  expect((await inbox(world, 'alice')).at(-1)).toContain(lapsed);
  await setUserGroups(world.db, carol.id, ['sre']);
  await alignApprovedBy(world.core, carol.id);
  await show(world, sessionId);
  expect((await shown(world)).text).not.toContain(lapsed);
  expect((await row(world, sessionId)).state).toBe('approved');
});

test('an approved request outside of its time window says when it runs', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const hour = new Date().getUTCHours();
  const at = (hours: number) => `${String((hour + hours) % 24).padStart(2, '0')}:00`;
  const window = `${at(2)}-${at(4)} UTC`;
  const sessionId = await requestReview(world, { policy: { groups: ['sre'] } });
  await world.db.query("update sessions set expires_at = now() + interval '1 day' where id = $1", [sessionId]);
  await change(world, sessionId, { window, expire: 172_800 });
  await show(world, sessionId);
  expect((await shown(world)).text).toMatch(new RegExp(`Runs within:\\s+${window}`));
  await approve(world, sessionId, 'carol');
  await show(world, sessionId);
  await tell(world, sessionId, 'approved');
  expect((await shown(world)).text).toMatch(new RegExp(`Approved; runs at .*${at(2)} UTC`));
  expect((await inbox(world, 'alice')).at(-1)).toMatch(new RegExp(`Approved; runs at .*${at(2)} UTC`));
});

test('a reminder goes once to each reviewer of the groups that are missing, and once to the thread', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const sessionId = await requestReview(world, { policy: { groups: ['admin', 'sre'] } });
  await approve(world, sessionId, 'carol');
  expect(await noteReminder(world.db, sessionId)).toBe(true);
  expect(await noteReminder(world.db, sessionId)).toBe(false);
  for (let times = 0; times < 2; times += 1) {
    await show(world, sessionId);
    await tell(world, sessionId, 'reminder');
  }
  const reminder = 'A command still waits for your review';
  expect((await inbox(world, 'bob')).filter((message) => message.includes(reminder))).toHaveLength(1);
  expect((await inbox(world, 'carol')).filter((message) => message.includes(reminder))).toHaveLength(0);
  const { thread } = await shown(world);
  expect(thread.filter((note) => note.includes('It expires soon and still waits for approval.'))).toHaveLength(1);
});
