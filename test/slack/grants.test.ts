/** Grants of connect in Slack: asked for, approved for as long or for less, and told of while they last. */
import { describe, expect, test } from 'vitest';
import { activate, extend } from '#db/grants.ts';
import { endSession, setState } from '#db/sessions.ts';
import { cancelSession } from '#core/decide-review.ts';
import { asTemporal } from './as-temporal.ts';
import { askInSlack, openModal, submit } from './modals.ts';
import {
  buttons,
  click,
  configureSlack,
  createWorld,
  decisionsOf,
  messages,
  onlyMessage,
  OPS,
  requestReview,
  shownText,
  startConnected,
  userOf,
  type World,
} from './world.ts';

const connect = { kind: 'connect' as const, script: undefined, policy: { groups: ['sre'] } };
const minutes = (count: number) => new Date(Math.ceil(Date.now() / 60_000 + count) * 60_000);
const sync = (world: World, sessionId: string) =>
  asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
const thread = async (world: World): Promise<string[]> => {
  const { ts } = await onlyMessage(world);
  const all = await messages(world, 'bob', 'ops', ts);
  return all.filter((m) => m.thread_ts === ts && m.ts !== ts).map((m) => shownText(m));
};

async function connected(): Promise<World> {
  const world = await createWorld();
  await startConnected(world);
  return world;
}

describe('deciding about a grant', () => {
  test('Approve is for all that was asked', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world, { ...connect, duration: 3600 });
    const message = await onlyMessage(world);
    expect(shownText(message.blocks)).toContain('connect for 1 hour');
    expect(buttons(message)).toEqual(['approve', 'approve_as', 'reject', 'open']);
    expect(await click(world, 'carol', 'approve')).toMatchObject({ status: 200 });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'approve', durationSeconds: null }]);
  });

  test('“Approve as…” is for less, also by somebody in one group', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world, { ...connect, duration: 1800 });
    const view = await openModal(world, 'carol', 'approve_as');
    expect(view.blocks.map((block) => block.block_id)).toContain('duration');
    expect(shownText(view)).toContain('connect for 30 minutes');
    expect(JSON.stringify(view)).toContain('"initial_value":"30m"');

    expect(await submit(world, 'carol', view, { duration: ' 10m ' })).toMatchObject({ acked: true, views: [] });

    expect(await decisionsOf(world, sessionId)).toMatchObject([{ durationSeconds: 600, group: null, force: false }]);
    await sync(world, sessionId);
    const shown = shownText((await onlyMessage(world)).blocks);
    expect(shown).toContain('Carol Castro (carol@example.com) approved, at most 10m');
    expect(shown).toContain('Approved, shortened to 10m');
  });

  test.each([
    ['31m', 'Must be from 1m to 30m'],
    ['59s', 'at least 1m'],
    ['soon', 'as in 10m'],
  ])('a duration of %s is refused below its field, and nothing is decided', async (duration, why) => {
    const world = await connected();
    const sessionId = await askInSlack(world, { ...connect, duration: 1800 });
    const view = await openModal(world, 'carol', 'approve_as');
    const refused = await submit(world, 'carol', view, { duration });
    expect(refused).toMatchObject({ responseAction: 'errors', errors: { duration: expect.stringContaining(why) } });
    expect(await decisionsOf(world, sessionId)).toEqual([]);
    await submit(world, 'carol', view, { duration: '30m' });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'approve', durationSeconds: 1800 }]);
    await sync(world, sessionId);
    expect(shownText((await onlyMessage(world)).blocks)).not.toContain('shortened');
  });

  test('for a group, by force and for less go together', async () => {
    const world = await connected();
    const policy = { groups: ['dba'], forceApproveGroups: ['sre'] };
    const sessionId = await askInSlack(world, { ...connect, policy, duration: 1800 });
    const view = await openModal(world, 'carol', 'approve_as');
    await submit(world, 'carol', view, { choice: 'force', reason: 'it burns', duration: '5m' });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ force: true, durationSeconds: 300 }]);
  });

  test('an emptied field means all that was asked', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world, connect);
    await submit(world, 'carol', await openModal(world, 'carol', 'approve_as'), { duration: '' });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'approve', durationSeconds: null }]);
  });

  test('the modal of a command has no such field', async () => {
    const world = await connected();
    await askInSlack(world);
    const view = await openModal(world, 'bob', 'approve_as');
    expect(view.blocks.map((block) => block.block_id)).not.toContain('duration');
  });
});

describe('while a grant lasts', () => {
  test('its thread tells once that it is active, that it was extended, and who gave it back', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, connect);
    await sync(world, sessionId);
    const until = minutes(30);
    await setState(world.db, sessionId, 'approved');
    await activate(world.db, sessionId, until);
    await sync(world, sessionId);
    await sync(world, sessionId);
    expect(await thread(world)).toEqual([expect.stringMatching(/Active until/)]);
    const message = await onlyMessage(world);
    expect(message.text).toContain(`Active until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC`);
    expect(buttons(message)).toEqual(['open']);

    await extend(world.db, sessionId, minutes(60));
    await sync(world, sessionId);
    await sync(world, sessionId);
    expect((await thread(world)).slice(1)).toEqual([expect.stringMatching(/The grant was extended[^]*, extended/)]);

    const ctx = { core: world.core, actor: { kind: 'user', user: await userOf(world, 'alice'), via: 'cli' } as const };
    await cancelSession(ctx, sessionId);
    await setState(world.db, sessionId, 'closing');
    await sync(world, sessionId);
    expect((await onlyMessage(world)).text).toContain('Given back; what runs under it is being stopped');
    await endSession(world.db, sessionId, {
      ...{ state: 'ended', exitCode: null, exitSignal: null, message: null, cause: null },
    });
    await sync(world, sessionId);
    expect((await thread(world)).slice(2)).toEqual([
      expect.stringMatching(/Given back after [^]*Alice[^]* gave it back/),
    ]);
  });

  test('who asked is told that it is active, and that it ended', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, connect);
    await setState(world.db, sessionId, 'approved');
    await activate(world.db, sessionId, minutes(30));
    await asTemporal(() => world.activities.sendDirectMessages({ sessionId, event: 'approved' }));
    await setState(world.db, sessionId, 'closing');
    await endSession(world.db, sessionId, {
      ...{ state: 'ended', exitCode: null, exitSignal: null, message: null, cause: null },
    });
    await asTemporal(() => world.activities.sendDirectMessages({ sessionId, event: 'finished' }));
    const [approved, ended] = (await messages(world, 'alice', 'dm')).map((message) => shownText(message));
    expect(approved).toMatch(/Approved[^]*your grant on[^]*connect for 30m: bash[^]*Active until/);
    expect(ended).toMatch(/Ended after[^]*your grant on/);
  });

  test('an extension names the grant and says until when that lasts', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const grant = await requestReview(world, connect);
    await setState(world.db, grant, 'approved');
    await activate(world.db, grant, minutes(30));
    const extension = await requestReview(world, connect);
    await world.db.query('update sessions set grant_id = $2 where id = $1', [extension, grant]);
    await sync(world, extension);
    const message = await onlyMessage(world);
    expect(shownText(message.blocks)).toContain('connect for 30 minutes more');
    expect(JSON.stringify(message.blocks)).toContain(`/sessions/${grant}`);
  });
});
