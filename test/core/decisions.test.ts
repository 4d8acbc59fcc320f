import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context, Core } from '#core/context.ts';
import { consumeRun } from '#core/consume-run.ts';
import { cancelSession, decideReview, revokeSession, signalDecision } from '#core/decide-review.ts';
import { finishRun, loseGoneRun } from '#core/finish-run.ts';
import { finishSession } from '#core/finish-session.ts';
import { startSession } from '#core/start-session.ts';
import { sweep } from '#core/sweep.ts';
import { findConnection, updateConnection } from '#db/connections.ts';
import { listDecisions } from '#db/decisions.ts';
import { inTransaction, violatedConstraint } from '#db/pool.ts';
import { saveExit } from '#db/runs.ts';
import { endSession, findSession, type SessionRow } from '#db/sessions.ts';
import { setUserGroups, updateUser, type UserRow } from '#db/users.ts';
import { workflowId } from '#shared/task-queues.ts';
import { consumeForTest } from '../workflows/consume-for-test.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let made: TestCore;
let core: Core;
let agentId: string;
let people: Record<'asker' | 'bob' | 'carol' | 'root', UserRow>;

const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });
const input = (connection: string) => ({
  connection,
  kind: 'exec' as const,
  scriptEncoding: 'utf8' as const,
  args: [],
  env: {},
});
const ask = async (connection = 'bash'): Promise<SessionRow> =>
  (await startSession(as(people.asker), input(connection))).session;
const approve = (who: UserRow, session: SessionRow) =>
  decideReview(as(who), session.id, { verdict: 'approve', digest: session.digest });
const code = (error: unknown) => (error as { code?: string }).code;

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  people = {
    asker: await makeUser(core.db, 'asker@example.com', ['sre']),
    bob: await makeUser(core.db, 'bob@example.com', ['admin', 'sre']),
    carol: await makeUser(core.db, 'carol@example.com', ['sre']),
    root: await makeUser(core.db, 'root@example.com', ['admin']),
  };
  agentId = (await makeAgent(core.db)).id;
  await makeConnection(core.db, agentId, { policy: { groups: ['admin', 'sre'] } });
  await makeConnection(core.db, agentId, { name: 'free' });
});
afterAll(() => made.close());

describe('deciding', () => {
  test('a double click decides once', async () => {
    const session = await ask();
    const both = await Promise.allSettled([approve(people.carol, session), approve(people.carol, session)]);
    expect(both.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    expect(both.map((r) => (r.status === 'rejected' ? code(r.reason) : null))).toContain('review_already_decided');
    expect(await listDecisions(core.db, session.id)).toHaveLength(1);
  });

  test('two reviewers at once get different sequence numbers and both count', async () => {
    await makeConnection(core.db, agentId, { name: 'two', policy: { groups: ['admin', 'sre'], minApprovals: 2 } });
    const session = await ask('two');
    await Promise.all([approve(people.bob, session), approve(people.carol, session)]);
    expect((await listDecisions(core.db, session.id)).map((d) => d.seq)).toEqual([1, 2]);
  });

  test('the database itself refuses a second decision of a person', async () => {
    const session = await ask();
    await approve(people.bob, session);
    const again = core.db.query(
      `insert into decisions (session_id, envelope_version, digest, seq, user_id, verdict, via) values ($1, 1, $2, 9, $3, 'approve', 'api')`,
      [session.id, session.digest, people.bob.id],
    );
    expect(violatedConstraint(await again.catch((e: unknown) => e))).toBe('one_decision');
  });

  test('own requests are refused to everybody, and withdrawing is the requester’s alone', async () => {
    const session = await ask();
    expect(code(await approve(people.asker, session).catch((e: unknown) => e))).toBe('review_own_request');
    expect(code(await cancelSession(as(people.root), session.id).catch((e: unknown) => e))).toBe('not_allowed');
    await cancelSession(as(people.asker), session.id);
  });

  test('only admins revoke', async () => {
    const session = await ask();
    expect(code(await revokeSession(as(people.carol), session.id).catch((e: unknown) => e))).toBe('not_allowed');
    await revokeSession(as(people.root), session.id);
  });

  test('after the end nothing can be decided, and the end stays the one it is', async () => {
    const session = await ask();
    await finishSession(core.db, session.id, { state: 'expired', source: 'review' });
    expect(code(await approve(people.bob, session).catch((e: unknown) => e))).toBe('review_closed');
    expect(await finishSession(core.db, session.id, { state: 'rejected', source: 'review' })).toEqual({
      applied: true,
      state: 'expired',
    });
    const forced = endSession(core.db, session.id, {
      state: 'finished',
      exitCode: 0,
      exitSignal: null,
      message: null,
      cause: null,
    });
    expect(violatedConstraint(await forced.catch((e: unknown) => e))).toBe('one_end_state');
  });
});

describe('the same id again', () => {
  test('finds the first session when it is the same request', async () => {
    const id = randomUUID();
    const first = await startSession(as(people.asker), { ...input('bash'), id });
    const again = await startSession(as(people.asker), { ...input('bash'), id });
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again.session.digest).toBe(first.session.digest);
  });

  test('written in capitals is the same session, also for its workflow', async () => {
    const id = randomUUID();
    const { session } = await startSession(as(people.asker), { ...input('bash'), id: id.toUpperCase() });
    expect(session.id).toBe(id);
    expect((await startSession(as(people.asker), { ...input('bash'), id })).created).toBe(false);
    const { decision } = await cancelSession(as(people.asker), id);
    await signalDecision(core, decision);
  });

  test('is refused for another request or another person', async () => {
    const id = randomUUID();
    await startSession(as(people.asker), { ...input('bash'), id });
    const other = startSession(as(people.asker), { ...input('bash'), id, args: ['-x'] });
    expect(code(await other.catch((e: unknown) => e))).toBe('session_id_taken');
    const foreign = startSession(as(people.carol), { ...input('bash'), id });
    expect(code(await foreign.catch((e: unknown) => e))).toBe('session_id_taken');
  });
});

describe('consuming a run', () => {
  test('needs the decisions: without them nothing is consumed', async () => {
    const session = await ask();
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('review_open');
    await approve(people.carol, session);
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('review_open');
    await approve(people.bob, session);
    expect((await consumeForTest(core, session.id)).nonce).toBeTruthy();
  });

  test('happens once: the same journal gets the same order again, another journal never', async () => {
    const session = await ask('free');
    const first = await consumeForTest(core, session.id);
    expect((await consumeForTest(core, session.id)).nonce).toBe(first.nonce);
    const { generateKeyPairSync } = await import('node:crypto');
    const elsewhere = consumeRun(core, generateKeyPairSync('ed25519').privateKey, session.id, {
      instanceId: randomUUID(),
      journalId: randomUUID(),
      agentName: 'default',
      epoch: 0,
    });
    expect(code(await elsewhere.catch((e: unknown) => e))).toBe('run_consumed');
  });

  test('sent again it is the same order, whatever became of the connection meanwhile', async () => {
    const id = await makeConnection(core.db, agentId, { name: 'with-env' });
    const envOf = (value: string) => core.sealer.seal(`connection:${id}`, JSON.stringify({ KEY: value }));
    const fields = async () =>
      (await findConnection(core.db, 'with-env')) ?? Promise.reject(new Error('no connection'));
    await updateConnection(core.db, id, { ...(await fields()), envSealed: envOf('old'), envNames: ['KEY'] }, true);
    const session = await ask('with-env');
    const envIn = (order: { order: string }) => (JSON.parse(order.order) as { connectionEnv: object }).connectionEnv;
    expect(envIn(await consumeForTest(core, session.id))).toEqual({ KEY: 'old' });
    await updateConnection(core.db, id, { ...(await fields()), envSealed: envOf('new'), envNames: ['KEY'] }, true);
    expect(envIn(await consumeForTest(core, session.id))).toEqual({ KEY: 'old' });
  });

  test('whose journal is gone is lost, also while others of the agent are here; one that may come back is not', async () => {
    const sessions = [await ask('free'), await ask('free')] as const;
    for (const session of sessions) await consumeForTest(core, session.id);
    const ends = () => Promise.all(sessions.map(({ id }) => loseGoneRun(core.db, id)));
    expect(await ends()).toEqual([undefined, undefined]);
    await core.db.query("update runs set consumed_at = now() - interval '2 days' where session_id = $1", [
      sessions[0].id,
    ]);
    await core.db.query('update runs set journal_id = $2 where session_id = $1', [sessions[1].id, randomUUID()]);
    const lost = { applied: true, state: 'lost' };
    expect(await ends()).toEqual([lost, lost]);
  });

  test('a report that nobody can read ends the run as lost', async () => {
    const session = await ask('free');
    await consumeForTest(core, session.id);
    await saveExit(core.db, session.id, { type: 'exited' });
    expect(await finishRun(core.db, session.id)).toEqual({ applied: true, state: 'lost' });
  });

  test('a rejection after the quorum stops it', async () => {
    const session = await ask();
    await approve(people.bob, session);
    await decideReview(as(people.carol), session.id, { verdict: 'reject', digest: session.digest });
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('run_not_approved');
  });

  test('an approver who left the group meanwhile does not carry it', async () => {
    const session = await ask();
    await approve(people.bob, session);
    await setUserGroups(core.db, people.bob.id, ['sre']);
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('review_open');
    await setUserGroups(core.db, people.bob.id, ['admin', 'sre']);
    expect((await consumeForTest(core, session.id)).nonce).toBeTruthy();
  });

  test('a requester whose account was closed runs nothing', async () => {
    const leaver = await makeUser(core.db, 'leaver@example.com');
    const { session } = await startSession(as(leaver), input('free'));
    await updateUser(core.db, leaver.id, { active: false });
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('run_not_approved');
  });

  test('a connection changed after the request stops it', async () => {
    await makeConnection(core.db, agentId, { name: 'moving' });
    const session = await ask('moving');
    const row = await findConnection(core.db, 'moving');
    if (!row) throw new Error('no connection');
    await updateConnection(core.db, row.id, { ...row, command: ['rm'] }, true);
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('connection_changed');
  });

  test('an envelope changed in the database is not the one that was approved', async () => {
    const session = await ask('free');
    await core.db.query(
      `update session_envelopes set body = replace(body, '"args":[]', '"args":["-c"]') where session_id = $1`,
      [session.id],
    );
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('run_not_approved');
  });

  test('expiry and consumption exclude each other', async () => {
    const session = await ask('free');
    await core.db.query(`update sessions set expires_at = now() - interval '1 second' where id = $1`, [session.id]);
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('run_expired');
    const running = await ask('free');
    await consumeForTest(core, running.id);
    expect(await finishSession(core.db, running.id, { state: 'expired', source: 'review' })).toEqual({
      applied: false,
      state: 'running',
    });
  });

  test('an unreadable policy runs nothing', async () => {
    const session = await ask('free');
    await core.db.query(`update sessions set policy = '{"groups":[]}' where id = $1`, [session.id]);
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('policy_missing');
  });
});

describe('the sweep', () => {
  test('starts what was written and not started, and signals what was decided and not signalled', async () => {
    const session = await ask();
    await core.temporal.workflow.getHandle(workflowId(session.id)).terminate('as if it had never been started');
    const lonely = randomUUID();
    await core.db.query(
      `insert into sessions (id, kind, connection_name, agent_name, requester_id, digest, policy, expires_at, created_at)
       values ($1, 'exec', 'bash', 'default', $2, 'd', $3, now() + interval '1 hour', now() - interval '1 minute')`,
      [
        lonely,
        people.asker.id,
        JSON.stringify({ groups: ['sre'], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] }),
      ],
    );
    await decideReview(as(people.carol), lonely, { verdict: 'approve', digest: 'd' });
    const swept = await sweep(core, 0);
    expect(swept?.started).toBe(1);
    expect(swept?.signalled).toBeGreaterThanOrEqual(1);
    const { status } = await core.temporal.workflow.getHandle(workflowId(lonely)).describe();
    expect(status.name).toBe('RUNNING');
    expect((await findSession(core.db, lonely))?.id).toBe(lonely);
    await core.temporal.workflow.getHandle(workflowId(lonely)).terminate('done');
  });
});

describe('the audit log', () => {
  test('is chained: a changed row is found, and nothing can be removed', async () => {
    const { verifyAuditLog } = await import('#core/verify-audit.ts');
    const verify = () => verifyAuditLog({ core, actor: { kind: 'system', name: 'test' } });
    const { audit } = await import('#db/audit.ts');
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        inTransaction(core.db, (tx) => audit(tx, { actor: 'test', action: 'x', subject: String(i) })),
      ),
    );
    expect(await verify()).toEqual({ ok: true, rows: expect.any(Number) });
    await expect(core.db.query('delete from audit_log where id = 2')).rejects.toThrow(/append-only/);
    await core.db.query('alter table audit_log disable trigger user');
    await core.db.query(`update audit_log set subject = 'somebody else' where id = 3`);
    await core.db.query('alter table audit_log enable trigger user');
    expect(await verify()).toMatchObject({ ok: false, firstBroken: 3 });
  });
});
