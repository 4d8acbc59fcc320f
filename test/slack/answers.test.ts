import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { updateUser } from '#db/users.ts';
import { eventually } from '../support/eventually.ts';
import { askInSlack, clickAt, openModal, postButton, submit } from './modals.ts';
import {
  click,
  createWorld,
  decisionsOf,
  messages,
  onlyMessage,
  OPS,
  people,
  privateText,
  shownText,
  startConnected,
  userOf,
  type World,
} from './world.ts';

async function connected(): Promise<World> {
  const world = await createWorld();
  await startConnected(world);
  return world;
}

const endAs = ({ db }: World, id: string, state: string) =>
  db.query("update sessions set state = $2, ended_at = case when $2 <> 'running' then now() end where id = $1", [
    id,
    state,
  ]);

describe('who clicks too late is told', () => {
  test('that it was they who approved', async () => {
    const world = await connected();
    await askInSlack(world);
    const message = await onlyMessage(world);
    await click(world, 'bob', 'approve', message);
    await click(world, 'bob', 'approve', message);
    expect(await privateText(world, 'bob')).toBe('You have already approved this request.');
  });

  test('who completed the review, and how', async () => {
    const world = await connected();
    await askInSlack(world, { policy: { groups: ['dba', 'sre'], forceApproveGroups: ['admin'] } });
    const message = await onlyMessage(world);
    const modal = await openModal(world, 'bob', 'approve_as', message);
    await submit(world, 'bob', modal, { choice: 'force', reason: 'prod is down' });
    await click(world, 'carol', 'approve', message);
    expect(await privateText(world, 'carol')).toBe(
      'This session is already approved. Bob Becker (bob@example.com) approved it, forced.',
    );
  });

  test.each([
    ['rejected', 'already ended (rejected)'],
    ['expired', 'already ended (expired)'],
    ['running', 'already running'],
    ['finished', 'already ended (finished)'],
  ])('that the session is %s', async (state, why) => {
    const world = await connected();
    const sessionId = await askInSlack(world);
    await endAs(world, sessionId, state);
    await click(world, 'bob', 'approve');
    expect(await privateText(world, 'bob')).toContain(why);
    expect(shownText(await openModal(world, 'bob', 'reject'))).toContain(why);
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('that the request has expired, also before anything noticed', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world);
    await world.db.query("update sessions set expires_at = now() - interval '1 second' where id = $1", [sessionId]);
    await click(world, 'bob', 'approve');
    expect(await privateText(world, 'bob')).toBe('This request has expired.');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });
});

describe('who may not decide is told', () => {
  test('that their account is not active', async () => {
    const world = await connected();
    await askInSlack(world);
    await updateUser(world.db, (await userOf(world, 'bob')).id, { active: false });
    await click(world, 'bob', 'approve');
    expect(await privateText(world, 'bob')).toContain('not active, so nothing was decided');
  });

  test('which groups are asked', async () => {
    const world = await connected();
    await askInSlack(world, { policy: { groups: ['dba', 'net:eu'] } });
    await click(world, 'carol', 'approve');
    expect(await privateText(world, 'carol')).toBe(
      'Only members of dba, net:eu review this request, and you are in none of them.',
    );
  });
});

describe('a button of an older message', () => {
  test('about an envelope that has changed since decides nothing, and says so', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world);
    const message = await onlyMessage(world);
    await world.db.query(
      `with changed as (update sessions set envelope_version = 2, digest = repeat('e', 64) where id = $1)
       insert into session_envelopes (session_id, version, digest, body)
       select session_id, 2, repeat('e', 64), body from session_envelopes where session_id = $1`,
      [sessionId],
    );
    await click(world, 'bob', 'approve', message);
    expect(await privateText(world, 'bob')).toContain('changed since you were shown it');
    expect(shownText(await openModal(world, 'carol', 'reject', message))).toContain('changed since you were shown it');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('about a request that hoop does not know says so', async () => {
    const world = await connected();
    const at = await postButton(world, { actionId: 'approve', value: `${randomUUID()}:1` });
    expect(await clickAt(world, 'bob', 'approve', at)).toMatchObject({ acked: true });
    expect(await privateText(world, 'bob')).toContain('knows no such request');
  });

  test.each(['approve', 'approve_as', 'reject'])(
    'with a value nobody can read is acknowledged and says so: %s',
    async (actionId) => {
      const world = await connected();
      const at = await postButton(world, { actionId, value: "1'; drop table" });
      expect(await clickAt(world, 'bob', actionId, at)).toMatchObject({ acked: true });
      expect(await privateText(world, 'bob')).toContain('cannot read this button');
    },
  );

  test('in a direct message decides, and is rewritten in place without becoming a message of a channel', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world);
    const at = await postButton(world, {
      actionId: 'approve',
      value: `${sessionId}:1`,
      channel: people.bob.slackId,
    });
    expect(await clickAt(world, 'bob', 'approve', at)).toMatchObject({ acked: true });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'approve' }]);
    await eventually(async () =>
      shownText(await messages(world, 'bob', 'bob')).includes('Bob Becker (bob@example.com) approved'),
    );
    const rows = await world.db.query('select channel from slack_messages where session_id = $1', [sessionId]);
    expect(rows.rows).toEqual([{ channel: OPS }]);
  });
});

describe('Reject', () => {
  test('takes no longer reason than the API does, and no character that Postgres refuses', async () => {
    const world = await connected();
    const sessionId = await askInSlack(world);
    const modal = await openModal(world, 'bob', 'reject');
    expect(await submit(world, 'bob', modal, { reason: 'x'.repeat(2_001) })).toMatchObject({
      status: 422,
      errors: { reason: expect.stringContaining('2000') },
    });
    expect(await submit(world, 'bob', modal, { reason: 'no\0way' })).toMatchObject({ acked: true, views: [] });
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ reason: 'no\ufffdway' }]);
  });
});
