/** What is left open as the process that closes an account dies before it has ended what its owner had asked for. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { revokeOfClosedAccount, revokeSession } from '#core/decide-review.ts';
import { removeUser } from '#core/delete-user.ts';
import { endLeftOpen, endSessionsOf } from '#core/end-sessions-of.ts';
import { saveUser } from '#core/save-user.ts';
import { startSession } from '#core/start-session.ts';
import { sweep } from '#core/sweep.ts';
import type { Context } from '#core/context.ts';
import { listDecisions } from '#db/decisions.ts';
import { listLeftOpen, type SessionRow } from '#db/sessions.ts';
import { findUserByEmail, updateUser, type UserRow } from '#db/users.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

let made: TestCore;
let root: UserRow;
let kim: UserRow;
let count = 0;

beforeAll(async () => {
  made = await createTestCore();
  const { id } = await makeAgent(made.core.db);
  await makeConnection(made.core.db, id, { policy: { groups: ['sre'] } });
  await makeUser(made.core.db, 'stays@example.com', ['admin'], { passwordHash: 'none fits' });
}, 60_000);
afterAll(() => made.close());
beforeEach(async () => {
  count += 1;
  root = await makeUser(made.core.db, `root${count}@example.com`, ['admin']);
  kim = await makeUser(made.core.db, `kim${count}@example.com`, ['dev']);
});

const as = (user: UserRow): Context => ({ core: made.core, actor: { kind: 'user', user, via: 'console' } });
const ask = async (by: UserRow): Promise<SessionRow> => {
  const request = { connection: 'bash', kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} } as const;
  return (await startSession(as(by), { ...request, args: [] })).session;
};
/** As its admin's process leaves it that dies right after the commit. */
const closeAndDie = (user: UserRow, by: UserRow) =>
  updateUser(made.core.db, user.id, { active: false, closedBy: { userId: by.id, via: 'console' } });
const revocationsOf = async ({ id }: SessionRow) =>
  (await listDecisions(made.core.db, id)).map(({ verdict, userEmail, via, reason }) => [
    verdict,
    userEmail,
    via,
    reason,
  ]);
const auditedOf = async ({ id }: SessionRow): Promise<string[]> => {
  const found = await made.core.db.query<{ actor: string }>(
    `select actor from audit_log where subject = $1 and action = 'session.revoke'`,
    [`session:${id}`],
  );
  return found.rows.map(({ actor }) => actor);
};
const byRoot = () => [['revoke', root.email, 'console', `The account of ${kim.email} was deactivated.`]];

describe('the sweep', () => {
  test('revokes what a closed account left open, in the name of who closed it, once', async () => {
    const session = await ask(kim);
    await closeAndDie(kim, root);
    expect(await sweep(made.core, 60_000)).toMatchObject({ revoked: 1 });
    expect(await sweep(made.core, 60_000)).toMatchObject({ revoked: 0 });
    expect(await revocationsOf(session)).toEqual(byRoot());
    expect(await auditedOf(session)).toEqual([`user:${root.email}`]);
  });

  test('does so also where that admin is none any more, or was deleted meanwhile', async () => {
    const session = await ask(kim);
    await closeAndDie(kim, root);
    await removeUser({ core: made.core, actor: { kind: 'system', name: 'test' } }, root.email);
    expect(await findUserByEmail(made.core.db, root.email)).toMatchObject({ active: false });
    await sweep(made.core, 60_000);
    expect(await revocationsOf(session)).toEqual(byRoot());
  });

  test('stops no command that began as it was about to', async () => {
    const { id } = await ask(kim);
    await closeAndDie(kim, root);
    await made.core.db.query(`update sessions set state = 'running', started_at = now() where id = $1`, [id]);
    await expect(revokeOfClosedAccount(as(root), id, 'closed')).rejects.toMatchObject({
      code: 'session_already_running',
    });
    expect(await listDecisions(made.core.db, id)).toEqual([]);
  });

  test('and whoever closes the account, at the same moment, leave one revocation and one line of the log', async () => {
    const session = await ask(kim);
    await closeAndDie(kim, root);
    await Promise.all([endSessionsOf(as(root), kim), endLeftOpen(made.core, 100), endSessionsOf(as(root), kim)]);
    expect(await revocationsOf(session)).toEqual(byRoot());
    expect(await auditedOf(session)).toEqual([`user:${root.email}`]);
  });

  test('leaves alone whose account was opened again, and what another admin has revoked', async () => {
    const session = await ask(kim);
    await closeAndDie(kim, root);
    await saveUser(
      { core: made.core, actor: { kind: 'system', name: 'test' } },
      { email: kim.email, active: true, overwrite: true },
    );
    expect(await listLeftOpen(made.core.db, 100)).toEqual([]);
    const stays = await findUserByEmail(made.core.db, 'stays@example.com');
    await revokeSession(as(stays ?? root), session.id, 'enough');
    await closeAndDie(kim, root);
    await sweep(made.core, 60_000);
    expect(await revocationsOf(session)).toEqual([['revoke', 'stays@example.com', 'console', 'enough']]);
  });
});

test('of two admins who close an account, the first is the one who did; opening it again forgets them', async () => {
  const closedBy = async () => {
    const found = await made.core.db.query<{ by: string | null; via: string | null }>(
      'select deactivated_by as by, deactivated_via as via from users where id = $1',
      [kim.id],
    );
    return found.rows[0];
  };
  const save = (active: boolean, ctx: Context) => saveUser(ctx, { email: kim.email, active, overwrite: true });
  const stays = await findUserByEmail(made.core.db, 'stays@example.com');
  await save(false, as(root));
  await save(false, as(stays ?? root));
  expect(await closedBy()).toEqual({ by: root.id, via: 'console' });
  await save(true, as(root));
  expect(await closedBy()).toEqual({ by: null, via: null });
});
