import { describe, expect, test } from 'vitest';
import { actionIds } from '#slack/blocks/decide-value.ts';
import { setUserGroups } from '#db/users.ts';
import { askInSlack, openModal, submit, turn, type SeenView } from './modals.ts';
import { createWorld, decisionsOf, onlyMessage, OPS, shownText, startConnected, userOf, type World } from './world.ts';

const choicesOf = (view: SeenView): string[] =>
  view.blocks.flatMap((block) => block.element?.options ?? []).map((option) => option.value);

async function connected(): Promise<World> {
  const world = await createWorld();
  await startConnected(world);
  return world;
}

describe('Approve as…', () => {
  test('offers all my groups and each of them, and the one that is chosen is what the approval counts for', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world);
    const view = await openModal(world, 'bob', 'approve_as');
    expect(choicesOf(view)).toEqual(['all', 'group:admin', 'group:sre']);
    expect(shownText(view)).toContain('For all my groups (admin, sre)');

    expect(await submit(world, 'bob', view, { choice: 'group:sre', reason: 'looked at it' })).toMatchObject({
      acked: true,
      views: [],
    });

    expect(await decisionsOf(world, sessionId)).toMatchObject([
      { verdict: 'approve', group: 'sre', force: false, reason: 'looked at it' },
    ]);
    await world.activities.syncSlackMessage({ sessionId, channel: OPS });
    const shown = shownText((await onlyMessage(world)).blocks);
    expect(shown).toContain('approved for sre');
    expect(shown).toContain('○ admin: waiting');
  });

  test('without a choice or a reason it counts for all groups of the person', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world);
    await submit(world, 'bob', await openModal(world, 'bob', 'approve_as'));
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ group: null, force: false, reason: '' }]);
  });

  test('force is offered to those who may, wants a reason, and is marked as forced everywhere', async () => {
    const world = await connected();
    const policy = { groups: ['dba', 'sre'], forceApproveGroups: ['admin'] };
    const sessionId = await askInSlack(world, { policy });
    const view = await openModal(world, 'bob', 'approve_as');
    expect(choicesOf(view)).toEqual(['all', 'force']);

    const refused = await submit(world, 'bob', view, { choice: 'force', reason: '   ' });
    expect(refused).toMatchObject({ responseAction: 'errors', errors: { reason: expect.stringContaining('reason') } });
    expect(await decisionsOf(world, sessionId)).toEqual([]);

    expect(await submit(world, 'bob', view, { choice: 'force', reason: 'prod is down' })).toMatchObject({ views: [] });
    expect(await decisionsOf(world, sessionId)).toMatchObject([
      { verdict: 'approve', force: true, group: null, reason: 'prod is down' },
    ]);
    await world.activities.syncSlackMessage({ sessionId, channel: OPS });
    const shown = shownText((await onlyMessage(world)).blocks);
    expect(shown).toContain('approval was forced');
    expect(shown).toContain('Bob Becker (bob@example.com) approved, forced');
    expect(shown).toContain('prod is down');
  });

  test('somebody who reviews nothing but may force is offered that alone', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world, { policy: { groups: ['dba'], forceApproveGroups: ['sre'] } });
    const view = await openModal(world, 'carol', 'approve_as');
    expect(choicesOf(view)).toEqual(['force']);
    await submit(world, 'carol', view, { reason: 'nobody else is awake' });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ userEmail: 'carol@example.com', force: true }]);
  });

  test.each([
    ['who is in one group and may not force', 'carol', 'for sre only', {}],
    ['who asked', 'alice', 'your own request', {}],
    ['whom hoop does not know', 'dave', 'Type /hoop subscribe', {}],
    ['who reviews nothing here', 'carol', 'Only members of admin, dba', { groups: ['admin', 'dba'] }],
  ])('somebody %s gets a plain sentence', async (_who, as, why, policy) => {
    const world = await connected();
    await askInSlack(world, { policy });
    const view = await openModal(world, as, 'approve_as');
    expect(shownText(view)).toContain(why);
    expect(view.submit).toBeNull();
  });

  test('a forged choice gives nobody more than they may do anyway', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world, { policy: { groups: ['admin', 'sre', 'dba'] } });
    await setUserGroups(world.db, (await userOf(world, 'bob')).id, ['admin', 'sre', 'dba']);
    const forDba = await openModal(world, 'bob', 'approve_as');
    await setUserGroups(world.db, (await userOf(world, 'bob')).id, ['sre']);
    const reply = await submit(world, 'bob', forDba, { choice: 'group:dba' });
    expect(shownText(reply.views)).toContain('cannot decide for the group dba');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('a policy of sixty groups offers them in a menu', async () => {
    const world = await connected();
    const groups = Array.from({ length: 60 }, (_, i) => `group-${i}:${'x'.repeat(80)}`);
    await setUserGroups(world.db, (await userOf(world, 'bob')).id, groups);
    const sessionId = await askInSlack(world, { policy: { groups } });
    const view = await openModal(world, 'bob', 'approve_as');
    expect(view.blocks.find((block) => block.block_id === 'choice')?.element?.type).toBe('static_select');
    expect(choicesOf(view)).toHaveLength(61);
    await submit(world, 'bob', view, { choice: `group:${groups[59]}` });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ group: groups[59] }]);
  });

  test('what the message does not show in full is read first, and the choice is on the last page', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world, { script: 'echo a line of some length\n'.repeat(600) });
    const first = await openModal(world, 'bob', 'approve_as');
    expect(first.submit).toBeNull();
    expect(choicesOf(first)).toEqual([]);
    const last = await turn(world, 'bob', first, actionIds.nextPage);
    expect(choicesOf(last)).toEqual(['all', 'group:admin', 'group:sre']);
    await submit(world, 'bob', last, { choice: 'group:admin' });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ group: 'admin' }]);
  });
});
