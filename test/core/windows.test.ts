import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context, Core } from '#core/context.ts';
import { decideReview } from '#core/decide-review.ts';
import { endMessage } from '#core/end-message.ts';
import { stateEventOf } from '#core/session-view.ts';
import { startSession } from '#core/start-session.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { consumeForTest } from '../workflows/consume-for-test.ts';

let made: TestCore;
let core: Core;
let asker: UserRow;
let bob: UserRow;
/** Of the whole core; the database goes by its own. */
let clock = new Date();
const dayAhead = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const tomorrow = (time: string): Date => new Date(`${dayAhead}T${time}Z`);

const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });
const code = (error: unknown) => (error as { code?: string }).code;
const ask = async (connection: string): Promise<SessionRow> =>
  (await startSession(as(asker), { connection, kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} })).session;
const approve = ({ id, digest }: SessionRow) => decideReview(as(bob), id, { verdict: 'approve', digest });
const row = async ({ id }: SessionRow): Promise<SessionRow> => {
  const found = await findSession(core.db, id);
  if (!found) throw new Error('no session');
  return found;
};
const message = async (session: SessionRow) => (await stateEventOf(core, await row(session))).message;

beforeAll(async () => {
  made = await createTestCore({ now: () => clock });
  core = made.core;
  asker = await makeUser(core.db, 'asker@example.com');
  bob = await makeUser(core.db, 'bob@example.com', ['sre']);
  const agent = await makeAgent(core.db);
  const policy = { groups: ['sre'], window: '22:00-02:00 UTC' };
  await makeConnection(core.db, agent.id, { name: 'night', policy, expireSeconds: 86_400 });
  await makeConnection(core.db, agent.id, { name: 'free', policy: { ...policy, groups: [] }, expireSeconds: 86_400 });
  await makeConnection(core.db, agent.id, { name: 'brief', policy, expireSeconds: 3600 });
});
afterAll(() => made.close());

describe('outside of its time window', () => {
  test('an approved request waits, says when it runs, and runs when it opens', async () => {
    clock = tomorrow('12:00:00');
    const session = await ask('night');
    expect(await message(session)).toBeUndefined();
    await approve(session);
    expect(await message(session)).toBe('It runs at 22:00 UTC.');
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('window_closed');
    expect((await row(session)).state).toBe('approved');
    clock = tomorrow('22:00:00');
    expect(await message(session)).toBeUndefined();
    expect((await consumeForTest(core, session.id)).nonce).toBeTruthy();
  });

  test('so does one that nobody has to approve', async () => {
    clock = tomorrow('12:00:00');
    const session = await ask('free');
    expect(await message(session)).toBe('It runs at 22:00 UTC.');
    expect(code(await consumeForTest(core, session.id).catch((e: unknown) => e))).toBe('window_closed');
  });

  test('a request that would expire first is refused, and says when the window opens', async () => {
    clock = tomorrow('12:00:00');
    const refused = await ask('brief').catch((e: unknown) => e as Error & { code: string });
    expect(refused).toMatchObject({ code: 'window_closed' });
    expect((refused as Error).message).toContain(
      '22:00-02:00 UTC, which opens at 22:00 UTC, after this request expires',
    );
    clock = tomorrow('21:30:00');
    expect((await ask('brief')).state).toBe('pending');
  });

  test('one that was approved too late for it is told that it cannot run', async () => {
    clock = tomorrow('01:30:00');
    const session = await ask('brief');
    clock = tomorrow('02:10:00');
    await approve(session);
    expect(await message(session)).toBe('It cannot run: it expires before 22:00 UTC, when its time window opens.');
    expect(endMessage(await row(session), 'expired', undefined, null)).toBe(
      'It could not run within its time window (22:00-02:00 UTC) before it expired.',
    );
  });
});
