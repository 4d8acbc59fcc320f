import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alignAll, alignApprovedBy, alignBehind } from '#core/align-session.ts';
import type { Context, Core } from '#core/context.ts';
import { decideReview } from '#core/decide-review.ts';
import { removeConnection } from '#core/delete-connection.ts';
import { finishSession } from '#core/finish-session.ts';
import { saveConnection, type ConnectionToSave } from '#core/save-connection.ts';
import { stateEventOf } from '#core/session-view.ts';
import { startSession } from '#core/start-session.ts';
import { findConnection, setConnectionPlugin, updateConnection } from '#db/connections.ts';
import { findEnvelope, findSession, type SessionRow } from '#db/sessions.ts';
import { setUserGroups, updateUser, type UserRow } from '#db/users.ts';
import { sha256Hex } from '#shared/digest.ts';
import { envelopeSchema, type Envelope } from '#shared/envelope.ts';
import { consumeForTest } from '../workflows/consume-for-test.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let made: TestCore;
let core: Core;
let agentId: string;
let people: Record<'asker' | 'bob' | 'carol' | 'root', UserRow>;
let names = 0;

const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });
const code = (error: unknown) => (error as { code?: string }).code;
const refused = (work: Promise<unknown>) => work.then(() => null, code);
const approve = (who: UserRow, session: SessionRow) =>
  decideReview(as(who), session.id, { verdict: 'approve', digest: session.digest });
const change = (input: ConnectionToSave) => saveConnection(as(people.root), { overwrite: true, ...input });
const now = async ({ id }: SessionRow): Promise<SessionRow> => {
  const row = await findSession(core.db, id);
  if (!row) throw new Error('no session');
  return row;
};
const envelopeOf = async (row: SessionRow): Promise<Envelope> =>
  envelopeSchema.parse(JSON.parse((await findEnvelope(core.db, row.id, row.envelopeVersion)) ?? ''));
const message = async (session: SessionRow) => (await stateEventOf(core, await now(session))).message;

/** A connection of its own, and a request on it. */
async function asked(
  groups: string[] = ['sre'],
  over: Partial<Parameters<typeof startSession>[1]> = {},
): Promise<{ name: string; session: SessionRow }> {
  const name = `conn-${(names += 1)}`;
  await makeConnection(core.db, agentId, { name, policy: { groups } });
  return { name, session: await askOn(name, over) };
}
const askOn = async (name: string, over: Partial<Parameters<typeof startSession>[1]> = {}): Promise<SessionRow> => {
  const input = { connection: name, kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  return (await startSession(as(people.asker), { ...input, script: 'ls\n', reason: 'to look', ...over })).session;
};

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  people = {
    asker: await makeUser(core.db, 'asker@example.com', ['sre']),
    bob: await makeUser(core.db, 'bob@example.com', ['dba', 'sre']),
    carol: await makeUser(core.db, 'carol@example.com', ['sre']),
    root: await makeUser(core.db, 'root@example.com', ['admin']),
  };
  agentId = (await makeAgent(core.db)).id;
  await makeAgent(core.db, 'other');
});
afterAll(() => made.close());

describe('a connection that changes while a request waits', () => {
  test('makes a new envelope of the same request, and what was approved does not count', async () => {
    const { name, session } = await asked(['sre'], { args: ['-l'], env: { A: '1' } });
    await approve(people.bob, session);
    expect((await now(session)).state).toBe('approved');
    await change({ name, command: ['sh', '-e'] });
    const renewed = await now(session);
    expect(renewed).toMatchObject({ state: 'pending', envelopeVersion: 2, approvedAt: null });
    expect(renewed.digest).not.toBe(session.digest);
    expect(renewed.revision).toBeGreaterThan(session.revision);
    const [before, after] = [await envelopeOf(session), await envelopeOf(renewed)];
    expect(after.connection).toMatchObject({ version: before.connection.version + 1, command: ['sh', '-e'] });
    for (const part of ['sessionId', 'script', 'args', 'env', 'requester', 'reason', 'expiresAt', 'kind'] as const) {
      expect(after[part]).toEqual(before[part]);
    }
    expect(after.salt).not.toBe(before.salt);
    expect(sha256Hex((await findEnvelope(core.db, session.id, 2)) ?? '')).toBe(renewed.digest);
    expect(await refused(consumeForTest(core, session.id))).toBe('review_open');
    expect(await refused(approve(people.bob, session))).toBe('review_outdated');
    await approve(people.bob, renewed);
    expect((await consumeForTest(core, session.id)).nonce).toBeTruthy();
  });

  test('who approved before and comes too late after hears who did, and not that it was them', async () => {
    const { name, session } = await asked();
    await approve(people.bob, session);
    await change({ name, command: ['sh'] });
    await approve(people.carol, await now(session));
    const late = await approve(people.bob, await now(session)).catch((e: unknown) => e as Error);
    expect(code(late)).toBe('review_closed');
    expect((late as Error).message).toContain('carol');
    expect((late as Error).message).not.toContain('bob');
  });

  test('who waits is told by whom and what', async () => {
    const { name, session } = await asked();
    await change({ name, command: ['sh'] });
    expect(await message(session)).toBe(
      'The connection was changed by root@example.com (command): approvals so far do not count; reviewers are asked again.',
    );
    await change({ name, reviewers: [] });
    expect(await message(session)).toBe(
      'The connection was changed by root@example.com (reviewers): nobody has to approve it any more.',
    );
  });

  test('what reviewers do not approve changes nothing of it', async () => {
    const { name, session } = await asked();
    await change({ name, tags: { a: 'b' }, expire: 7200, plugins: [] });
    expect(await now(session)).toMatchObject({
      envelopeVersion: 1,
      digest: session.digest,
      revision: session.revision,
    });
  });

  test('the agent is the new one, and the old one cannot take it', async () => {
    const { name, session } = await asked();
    await approve(people.bob, session);
    await core.db.query("update sessions set state = 'queued' where id = $1", [session.id]);
    await change({ name, agent: 'other' });
    expect(await now(session)).toMatchObject({ state: 'pending', agentName: 'other' });
    expect(await refused(consumeForTest(core, session.id))).toBe('run_not_approved');
  });

  test('without reviewers it is ready to run; with reviewers again it waits, in their channels', async () => {
    const { name, session } = await asked();
    await change({ name, reviewers: [] });
    expect(await now(session)).toMatchObject({ state: 'approved', envelopeVersion: 2 });
    const row = await findConnection(core.db, name);
    await setConnectionPlugin(core.db, row?.id ?? '', { name: 'slack', channels: ['#ops'], channelIds: ['C1'] });
    await change({ name, reviewers: ['sre'] });
    const renewed = await now(session);
    expect(renewed).toMatchObject({ state: 'pending', envelopeVersion: 3, channelIds: ['C1'], askedIn: ['#ops'] });
    expect(await refused(consumeForTest(core, session.id))).toBe('review_open');
  });

  test('a change of the environment alone counts too, though no envelope shows its values', async () => {
    const { name, session } = await asked();
    await change({ name, env: { KEY: 'a' } });
    expect((await now(session)).envelopeVersion).toBe(2);
    await change({ name, env: { KEY: 'b' } });
    expect((await now(session)).envelopeVersion).toBe(3);
    await change({ name, env: { KEY: 'b' } });
    expect((await now(session)).envelopeVersion).toBe(3);
    expect(await message(session)).toContain('(env)');
  });

  test('what the connection does not take any more ends, and says why', async () => {
    const { name, session } = await asked(['sre'], { reason: '' });
    await change({ name, command: ['sh'], requireReason: true });
    const ended = await now(session);
    expect(ended).toMatchObject({ state: 'failed', endCause: 'reason_required' });
    expect(ended.endMessage).toContain('changed by root@example.com (command)');
    expect(ended.endMessage).toContain('asks for a reason');
  });

  test('deleted, its requests end and name who deleted it', async () => {
    const { name, session } = await asked();
    await approve(people.bob, session);
    await removeConnection(as(people.root), name);
    expect(await now(session)).toMatchObject({
      state: 'failed',
      endCause: 'connection_deleted',
      endMessage: `The connection ${name} was deleted by root@example.com, so nothing runs on it.`,
    });
    expect(await refused(consumeForTest(core, session.id))).toBe('session_ended');
  });

  test('what was rejected stays rejected: a new envelope would bring it back to life', async () => {
    const { name, session } = await asked();
    await decideReview(as(people.bob), session.id, { verdict: 'reject', digest: session.digest });
    await change({ name, command: ['sh'] });
    expect(await now(session)).toMatchObject({ envelopeVersion: 1, digest: session.digest });
    expect(await refused(consumeForTest(core, session.id))).toBe('run_not_approved');
    expect(await refused(approve(people.carol, session))).toBe('review_closed');
  });

  test('a command that runs already is not touched', async () => {
    const { name, session } = await asked([]);
    await consumeForTest(core, session.id);
    await change({ name, command: ['sh'] });
    expect(await now(session)).toMatchObject({ state: 'running', envelopeVersion: 1 });
    await removeConnection(as(people.root), name);
    expect((await now(session)).state).toBe('running');
  });

  test('nor is one that has ended or expired, when somebody comes to align it late', async () => {
    const sessions = await Promise.all([asked([]), asked(), asked()]);
    const [running, ended, expired] = sessions.map(({ session }) => session) as [SessionRow, SessionRow, SessionRow];
    await consumeForTest(core, running.id);
    await finishSession(core.db, ended.id, { state: 'expired', source: 'review' });
    await core.db.query("update sessions set expires_at = now() - interval '1 second' where id = $1", [expired.id]);
    await core.db.query("update connections set command = '{sh}', version = version + 1 where name = any($1)", [
      sessions.map(({ name }) => name),
    ]);
    expect(await alignAll(core, [running.id, ended.id, expired.id])).toBe(0);
    for (const session of [running, ended, expired]) expect((await now(session)).envelopeVersion).toBe(1);
  });

  test('the limit of a run that was asked for stays; the connection’s own follows the connection', async () => {
    const { name, session } = await asked(['sre'], { timeout: 600 });
    const plain = await askOn(name);
    await change({ name, command: ['sh'], maxRuntime: 60 });
    expect((await envelopeOf(await now(session))).maxRuntimeSeconds).toBe(60);
    expect((await envelopeOf(await now(plain))).maxRuntimeSeconds).toBe(60);
    await change({ name, command: ['bash'], maxRuntime: 3600 });
    expect((await envelopeOf(await now(session))).maxRuntimeSeconds).toBe(60);
    expect((await envelopeOf(await now(plain))).maxRuntimeSeconds).toBe(3600);
  });
});

describe('a change that nobody announced', () => {
  /** As by a gateway that died between its commit and the sessions. */
  async function changeSilently(name: string, command: string[]): Promise<void> {
    const row = await findConnection(core.db, name);
    if (row) await updateConnection(core.db, row.id, { ...row, command }, true);
  }

  test('is found by the one who decides, and that decision is refused', async () => {
    const { name, session } = await asked();
    await changeSilently(name, ['sh']);
    expect(await refused(approve(people.bob, session))).toBe('review_outdated');
    const renewed = await now(session);
    expect(renewed).toMatchObject({ state: 'pending', envelopeVersion: 2 });
    await approve(people.bob, renewed);
    expect((await now(session)).state).toBe('approved');
  });

  test('is found by the gateway that would run it', async () => {
    const { name, session } = await asked();
    await approve(people.bob, session);
    await changeSilently(name, ['sh']);
    expect(await refused(consumeForTest(core, session.id))).toBe('connection_changed');
    expect(await now(session)).toMatchObject({ state: 'pending', envelopeVersion: 2 });
    expect((await stateEventOf(core, await now(session))).message).toContain('(command)');
  });

  test('is found by the sweep, also for a session that a release before wrote', async () => {
    const { name, session } = await asked();
    const old = await askOn(name);
    await core.db.query('update sessions set connection_version = null where id = $1', [old.id]);
    expect(await alignBehind(core)).toBe(0);
    expect((await now(old)).connectionVersion).toBe(1);
    await core.db.query('update sessions set connection_version = null where id = $1', [old.id]);
    await changeSilently(name, ['sh']);
    expect(await alignBehind(core)).toBe(2);
    expect((await now(session)).envelopeVersion).toBe(2);
    expect((await now(old)).envelopeVersion).toBe(2);
    expect(await alignBehind(core)).toBe(0);
  });
});

describe('many at once', () => {
  test('500 requests of one connection are all asked for anew', async () => {
    const { name } = await asked();
    const begun = Date.now();
    const sessions: SessionRow[] = [];
    for (let i = 0; i < 50; i += 1)
      sessions.push(...(await Promise.all(Array.from({ length: 10 }, () => askOn(name)))));
    const written = Date.now();
    await change({ name, command: ['sh'] });
    const rows = await core.db.query<{ n: number }>(
      "select count(*) as n from sessions where connection_name = $1 and envelope_version = 2 and state = 'pending'",
      [name],
    );
    expect(rows.rows[0]?.n).toBe(501);
    expect(Date.now() - written).toBeLessThan(Math.max(60_000, (written - begun) * 2));
  }, 240_000);

  test('a change against approvals and against runs: nothing runs that was not approved as it is', async () => {
    for (let round = 0; round < 15; round += 1) {
      const { name, session } = await asked();
      const command = ['sh', String(round)];
      const results = await Promise.allSettled([
        approve(people.bob, session),
        change({ name, command }),
        consumeForTest(core, session.id),
        approve(people.carol, session),
      ]);
      const unexpected = results
        .filter((r) => r.status === 'rejected')
        .map((r) => code(r.reason))
        .filter(
          (c) =>
            !['review_outdated', 'run_not_approved', 'review_open', 'connection_changed', 'review_closed'].includes(
              c ?? '',
            ),
        );
      expect(unexpected).toEqual([]);
      const row = await now(session);
      const runs = await core.db.query<{ digest: string }>('select digest from runs where session_id = $1', [row.id]);
      const ran = runs.rows[0]?.digest;
      if (ran === undefined) {
        expect(row).toMatchObject({ state: 'pending', envelopeVersion: 2 });
      } else {
        const approved = await core.db.query('select 1 from decisions where session_id = $1 and digest = $2', [
          row.id,
          ran,
        ]);
        expect(approved.rowCount).toBeGreaterThan(0);
        expect((await envelopeOf(row)).connection.command).not.toEqual(command);
      }
    }
  }, 180_000);

  test('deleting against running ends in one of the two', async () => {
    for (let round = 0; round < 15; round += 1) {
      const { name, session } = await asked([]);
      await Promise.allSettled([removeConnection(as(people.root), name), consumeForTest(core, session.id)]);
      expect(['running', 'failed']).toContain((await now(session)).state);
      expect(await findConnection(core.db, name)).toBeUndefined();
    }
  }, 180_000);
});

describe('an approver who leaves between approval and run', () => {
  test('the review is open again, and who waits is told; back again, the approval counts', async () => {
    const { session } = await asked(['dba']);
    await approve(people.bob, session);
    await setUserGroups(core.db, people.bob.id, ['sre']);
    expect(await alignApprovedBy(core, people.bob.id)).toBe(1);
    expect(await now(session)).toMatchObject({ state: 'pending', envelopeVersion: 1, approvedAt: null });
    expect(await message(session)).toContain(
      'The approval of bob@example.com does not count for dba now: they are no reviewer of it any more.',
    );
    await setUserGroups(core.db, people.bob.id, ['dba', 'sre']);
    expect(await alignApprovedBy(core, people.bob.id)).toBe(1);
    expect((await now(session)).state).toBe('approved');
    expect(await message(session)).toBeUndefined();
    expect((await consumeForTest(core, session.id)).nonce).toBeTruthy();
  });

  test('the gateway that would run it finds it out by itself', async () => {
    const { session } = await asked(['dba']);
    await approve(people.bob, session);
    await updateUser(core.db, people.bob.id, { active: false });
    expect(await refused(consumeForTest(core, session.id))).toBe('review_open');
    expect((await now(session)).state).toBe('pending');
    expect(await message(session)).toContain('their account is not active any more');
    await updateUser(core.db, people.bob.id, { active: true });
    await alignApprovedBy(core, people.bob.id);
    expect((await now(session)).state).toBe('approved');
  });
});
