import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { askInSlack, openModal, submit } from './modals.ts';
import {
  click,
  createWorld,
  decisionsOf,
  messages,
  onlyMessage,
  OPS,
  privateText,
  socketsOpen,
  startConnected,
  startRuntime,
} from './world.ts';

describe('Approve', () => {
  test('a click writes the decision, is acknowledged and signals the workflow with the id of the row', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);

    expect(await click(world, 'bob', 'approve')).toMatchObject({ acked: true });

    const [decision] = await decisionsOf(world, sessionId);
    expect(decision).toMatchObject({ verdict: 'approve', userEmail: 'bob@example.com', via: 'slack', group: null });
    const signals = await eventually(() => world.temporal.signals.length > 0 && world.temporal.signals);
    expect(signals).toEqual([{ workflowId: `session-${sessionId}`, name: 'approve', decisionId: decision?.id }]);
  });

  test('a double click decides once, and the second is told so', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const message = await onlyMessage(world);

    const [first, second] = await Promise.all([
      click(world, 'bob', 'approve', message),
      click(world, 'bob', 'approve', message),
    ]);

    expect([first, second]).toMatchObject([{ acked: true }, { acked: true }]);
    expect(await decisionsOf(world, sessionId)).toHaveLength(1);
    expect(await privateText(world, 'bob')).toContain('already');
  });

  test('the same click delivered twice by Slack decides once', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    await world.control.post('faults', { kind: 'duplicate' });

    await click(world, 'bob', 'approve');

    await eventually(async () => (await decisionsOf(world, sessionId)).length === 1);
    await privateText(world, 'bob');
    expect(await decisionsOf(world, sessionId)).toHaveLength(1);
  });

  test.each([
    ['somebody who reviews nothing here', 'carol', { groups: ['admin'] }, 'you are in none of them'],
    ['who asked', 'alice', { groups: ['admin', 'sre'] }, 'your own request'],
    ['somebody hoop does not know', 'dave', { groups: ['admin'] }, 'Type /hoop subscribe'],
  ])('%s is told privately why the click does not count', async (_who, as, policy, why) => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { policy });

    expect(await click(world, as, 'approve')).toMatchObject({ acked: true });

    const told = await privateText(world, as);
    expect(told.replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(why);
    expect((await messages(world, 'bob')).filter((m) => m.ephemeral)).toEqual([]);
    expect(await decisionsOf(world, sessionId)).toEqual([]);
    expect(world.temporal.signals).toEqual([]);
  });

  test('a decision that takes too long is acknowledged, and its author is told that it counts once it does', async () => {
    const world = await createWorld();
    await startConnected(world, { app: { budgetMs: 100 } });
    const sessionId = await askInSlack(world);
    const holder = await world.db.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from sessions where id = $1 for update', [sessionId]);

      expect(await click(world, 'bob', 'approve')).toMatchObject({ acked: true });
      expect(await decisionsOf(world, sessionId)).toEqual([]);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await privateText(world, 'bob')).toContain('your approval counts');
    const [decision] = await decisionsOf(world, sessionId);
    expect(world.temporal.signals).toMatchObject([{ name: 'approve', decisionId: decision?.id }]);
  });

  test('a decision that fails in the database is acknowledged, and its author is told that it does not count', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const holder = await world.db.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from sessions where id = $1 for update', [sessionId]);
      const clicked = click(world, 'bob', 'approve');
      await eventually(async () => {
        const ended = await world.db.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock' and query like 'select s.id,%'`,
        );
        return ended.rowCount === 1;
      });

      expect(await clicked).toMatchObject({ acked: true });
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await privateText(world, 'bob')).toContain('was not recorded');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
    expect(world.temporal.signals).toEqual([]);
  });

  test('with Temporal away the decision stands and waits for its signal', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    world.temporal.down = true;

    expect(await click(world, 'bob', 'approve')).toMatchObject({ acked: true });

    expect(await decisionsOf(world, sessionId)).toHaveLength(1);
    const unsignalled = await world.db.query('select 1 from decisions where signalled_at is null');
    expect(unsignalled.rowCount).toBe(1);
  });

  test('a click on a copy that hoop never heard of rewrites the copy', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const copy = await onlyMessage(world);
    await world.db.query('delete from slack_messages');
    await world.activities.syncSlackMessage({ sessionId, channel: OPS });

    await click(world, 'bob', 'approve', copy);

    const rewritten = await eventually(async () =>
      (await messages(world, 'carol')).find((m) => m.ts === copy.ts && m.edited !== undefined),
    );
    expect(JSON.stringify(rewritten.blocks)).toContain('Bob Becker');
  });
});

describe('Reject', () => {
  test('asks for a reason, and ends the review with it', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const view = await openModal(world, 'carol', 'reject');

    expect(await submit(world, 'carol', view, { reason: '  wrong <!channel> server ' })).toMatchObject({
      acked: true,
      views: [],
    });

    const decisions = await decisionsOf(world, sessionId);
    expect(decisions).toMatchObject([
      { verdict: 'reject', userEmail: 'carol@example.com', reason: 'wrong <!channel> server' },
    ]);
    const signals = await eventually(() => world.temporal.signals.length > 0 && world.temporal.signals);
    expect(signals).toMatchObject([{ name: 'reject', decisionId: decisions[0]?.id }]);
  });

  test('a reason of blanks is not enough', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const view = await openModal(world, 'bob', 'reject');

    const reply = await submit(world, 'bob', view, { reason: '   ' });

    expect(reply).toMatchObject({ responseAction: 'errors', errors: { reason: expect.stringContaining('Say why') } });
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('a modal opened before a restart of the gateway is taken by the next one', async () => {
    const world = await createWorld();
    const { installed, runtime } = await startConnected(world);
    const sessionId = await askInSlack(world);
    const view = await openModal(world, 'bob', 'reject');
    await runtime.stop();
    await startRuntime(world);
    await socketsOpen(world, installed, 2);

    expect(await submit(world, 'bob', view, { reason: 'not today' })).toMatchObject({ acked: true, views: [] });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'reject', reason: 'not today' }]);
  });

  test.each([
    ['who asked', 'alice', 'withdraw it instead'],
    ['somebody hoop does not know', 'dave', 'hoop does not know who you are'],
  ])('%s is told in the modal why not, and is asked for nothing', async (_who, as, why) => {
    const world = await createWorld();
    await startConnected(world);
    await askInSlack(world);
    const view = await openModal(world, as, 'reject');
    expect(JSON.stringify(view.blocks)).toContain(why);
    expect(view.blocks.some((block) => block.block_id === 'reason')).toBe(false);
  });

  test('a review that ended while the reason was written is not decided twice', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const view = await openModal(world, 'bob', 'reject');
    await world.db.query("update sessions set state = 'cancelled', ended_at = now() where id = $1", [sessionId]);

    const reply = await submit(world, 'bob', view, { reason: 'too late' });

    expect(reply).toMatchObject({ responseAction: 'update' });
    expect(JSON.stringify(reply.views)).toContain('already ended');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });
});
