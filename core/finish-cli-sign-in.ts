/** `hoop login` gets its token, once somebody has confirmed it in the console. */
import { createHash } from 'node:crypto';
import { HoopError } from '#shared/errors.ts';
import type { CliToken } from '#shared/sign-in-schemas.ts';
import { findConfirmer, lockByCode, lockByDeviceCode, noteAsked, useSignIn } from '#db/cli-sign-ins.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import { lockUser, type UserRow } from '#db/users.ts';
import { beginSignIn } from './begin-sign-in.ts';
import type { Core } from './context.ts';
import { hashToken } from './passwords.ts';
import { meOf } from './sign-in.ts';

const again = 'Type hoop login again.';
const invalidGrant = (): HoopError =>
  new HoopError('invalid_grant', `This code was used before, is too old, or is of another request. ${again}`);

/** Uses up the code, also when the verifier is wrong: nobody tries verifiers. Throws `invalid_grant`. */
export async function finishBrowserSignIn(core: Core, input: { code: string; verifier: string }): Promise<CliToken> {
  const done = await inTransaction(core.db, async (tx) => {
    const codeHash = hashToken(input.code);
    const confirmedBy = await lockConfirmer(tx, await findConfirmer(tx, { codeHash }));
    const row = await lockByCode(tx, codeHash);
    if (!row || row.usedAt || row.codeExpiresAt === null || row.codeExpiresAt <= core.now()) return undefined;
    await useSignIn(tx, row.id, core.now());
    const challenge = createHash('sha256').update(input.verifier).digest('base64url');
    return challenge === row.challenge ? give(core, tx, row, confirmedBy, 'browser') : undefined;
  });
  if (!done) throw invalidGrant();
  return done;
}

export interface DeviceOutcome {
  id: string;
  /** Null: nobody has decided yet. */
  done: CliToken | null;
  /** Until it cannot be confirmed any more. */
  leftMs: number;
}

/**
 * The token, where there is one to give. `isNew`: the machine asks, in place of a request of its being looked at again;
 * only then it has to keep the pace. Throws `invalid_grant`, `slow_down`, `access_denied`, `expired_token`.
 */
export async function finishDeviceSignIn(core: Core, deviceCode: string, isNew: boolean): Promise<DeviceOutcome> {
  const outcome = await inTransaction(core.db, async (tx): Promise<DeviceOutcome | HoopError> => {
    const now = core.now();
    const deviceCodeHash = hashToken(deviceCode);
    const confirmedBy = await lockConfirmer(tx, await findConfirmer(tx, { deviceCodeHash }));
    const row = await lockByDeviceCode(tx, deviceCodeHash);
    if (!row || row.usedAt) return invalidGrant();
    if (isNew) {
      const tooSoon = row.askedAt !== null && now.getTime() - row.askedAt.getTime() < row.intervalSeconds * 1000;
      const interval = tooSoon ? Math.min(row.intervalSeconds + 5, 60) : row.intervalSeconds;
      await noteAsked(tx, row.id, now, interval);
      if (tooSoon) return new HoopError('slow_down', `Ask at most every ${interval} s from now on.`);
    }
    if (row.verdict === 'deny') {
      await useSignIn(tx, row.id, now);
      return new HoopError('access_denied', 'This sign-in was denied in the console.');
    }
    if (row.expiresAt <= now) return new HoopError('expired_token', `Nobody confirmed this sign-in in time. ${again}`);
    // Confirmed since the line above: the next look gives the token.
    const undecided = row.verdict === null || row.userId !== confirmedBy?.id;
    if (undecided) return { id: row.id, done: null, leftMs: row.expiresAt.getTime() - now.getTime() };
    await useSignIn(tx, row.id, now);
    const done = await give(core, tx, row, confirmedBy, 'device');
    return done ? { id: row.id, done, leftMs: 0 } : invalidGrant();
  });
  // Thrown outside: what was written about the request stays.
  if (outcome instanceof HoopError) throw outcome;
  return outcome;
}

/** The person before the request, as everybody does who ends what a person confirmed. */
async function lockConfirmer(tx: Queryable, userId: string | undefined): Promise<UserRow | undefined> {
  return userId === undefined ? undefined : lockUser(tx, userId);
}

/** Undefined: whoever confirmed it is not active any more. */
async function give(
  core: Core,
  tx: Queryable,
  { id, host, address }: { id: string; host: string; address: string },
  user: UserRow | undefined,
  how: 'browser' | 'device',
): Promise<CliToken | undefined> {
  if (!user?.active) return undefined;
  const token = await beginSignIn(core, tx, { user, kind: 'cli', details: { how, request: id, host, address } });
  return { token, user: meOf(user) };
}
