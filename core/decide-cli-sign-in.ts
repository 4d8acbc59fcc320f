/** The console's side of `hoop login`: shows what asks, and confirms or denies it as the person who is signed in. */
import { randomBytes } from 'node:crypto';
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import type { SignInRequestView, SignInVerdict } from '#shared/sign-in-schemas.ts';
import { audit } from '#db/audit.ts';
import {
  decideSignIn,
  lockBrowserSignIn,
  lockByUserCode,
  type BrowserSignInRow,
  type DeviceSignInRow,
} from '#db/cli-sign-ins.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import { countAttempts, uncountAttempt } from '#db/sign-in-attempts.ts';
import { actorName, requireUser, type Context } from './context.ts';
import { hashToken } from './passwords.ts';
import { cliSignInLimits, macOf } from './start-cli-sign-in.ts';

type Row = BrowserSignInRow | DeviceSignInRow;

/** Throws `sign_in_unknown`, `sign_in_over`, `not_allowed`. Looking changes nothing. */
export async function openBrowserSignIn(ctx: Context, id: string): Promise<SignInRequestView> {
  requireConsole(ctx);
  return inTransaction(ctx.core.db, async (tx) => viewOf(ctx, await findOpenBrowser(ctx, tx, id)));
}

/** Throws as `openBrowserSignIn`, and `too_many_attempts` for who tries codes. */
export async function openDeviceSignIn(ctx: Context, userCode: string): Promise<SignInRequestView> {
  requireConsole(ctx);
  return tryCode(ctx, async (tx) => viewOf(ctx, await findOpenDevice(ctx, tx, userCode)));
}

/** Gives the address that the browser goes to: the machine it runs on, with a code or the word that it was denied. */
export async function decideBrowserSignIn(
  ctx: Context,
  input: { request: string; verdict: SignInVerdict },
): Promise<{ redirectTo: string }> {
  requireConsole(ctx);
  const { user } = requireUser(ctx);
  const code = randomBytes(32).toString('base64url');
  const expiresAt = new Date(ctx.core.now().getTime() + cliSignInLimits.codeSeconds * 1000);
  return inTransaction(ctx.core.db, async (tx) => {
    const row = await findOpenBrowser(ctx, tx, input.request);
    const confirmed = input.verdict === 'confirm';
    await decideSignIn(tx, row.id, {
      verdict: input.verdict,
      userId: user.id,
      code: confirmed ? { hash: hashToken(code), expiresAt } : undefined,
    });
    await auditDecision(ctx, tx, row, input.verdict, 'browser');
    const answer: Record<string, string> = confirmed
      ? { code, state: row.state }
      : { error: 'access_denied', state: row.state };
    // Of the address, nothing but the port was anybody's to choose.
    return { redirectTo: `http://127.0.0.1:${row.port}/callback?${new URLSearchParams(answer).toString()}` };
  });
}

/** Gives the id, of which whoever waits is to be told. */
export async function decideDeviceSignIn(
  ctx: Context,
  input: { userCode: string; verdict: SignInVerdict },
): Promise<string> {
  requireConsole(ctx);
  const { user } = requireUser(ctx);
  return tryCode(ctx, async (tx) => {
    const row = await findOpenDevice(ctx, tx, input.userCode);
    await decideSignIn(tx, row.id, { verdict: input.verdict, userId: user.id });
    await notify(tx, { kind: 'sign_in', id: row.id });
    await auditDecision(ctx, tx, row, input.verdict, 'device');
    return row.id;
  });
}

/** A confirmation makes a token that outlives the sign-in it comes from: a person gives it, in the console. */
function requireConsole(ctx: Context): void {
  if (requireUser(ctx).via === 'console') return;
  throw new HoopError('not_allowed', 'A sign-in is confirmed in the console, by somebody who is signed in there.');
}

async function findOpenBrowser(ctx: Context, tx: Queryable, id: string): Promise<BrowserSignInRow> {
  const row = await lockBrowserSignIn(tx, id);
  if (!row) {
    throw new HoopError('sign_in_unknown', 'No sign-in waits behind this link. Type hoop login again for a new one.');
  }
  return refuseOver(ctx, row);
}

async function findOpenDevice(ctx: Context, tx: Queryable, userCode: string): Promise<DeviceSignInRow> {
  const row = await lockByUserCode(tx, macOf(ctx.core, userCode));
  if (!row) {
    throw new HoopError('sign_in_unknown', 'No sign-in waits for this code; compare it with what hoop login shows.');
  }
  await uncountAttempt(tx, triesKey(ctx));
  return refuseOver(ctx, row);
}

const triesKey = (ctx: Context): string => sha256Hex(`user code\n${requireUser(ctx).user.id}`);

/**
 * Counted before the code is looked at, and for each person: nobody can try them all. One that is there was no guess,
 * also when its sign-in is over.
 */
async function tryCode<T>(ctx: Context, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const { db } = ctx.core;
  const [tries = 0] = await countAttempts(db, [triesKey(ctx)], cliSignInLimits.windowSeconds);
  if (tries > cliSignInLimits.wrongCodes) {
    throw new HoopError('too_many_attempts', 'You typed too many codes that are not there. Wait 15 minutes.');
  }
  try {
    return await inTransaction(db, work);
  } catch (error) {
    // the transaction took back what it had uncounted
    if (error instanceof HoopError && error.code === 'sign_in_over') await uncountAttempt(db, triesKey(ctx));
    throw error;
  }
}

function refuseOver<R extends Row>({ core }: Context, row: R): R {
  if (row.verdict !== null) {
    throw new HoopError(
      'sign_in_over',
      'This sign-in was decided before, and a code works once. Type hoop login again.',
    );
  }
  if (row.expiresAt <= core.now()) {
    throw new HoopError('sign_in_over', 'This sign-in was not confirmed in time. Type hoop login again.');
  }
  return row;
}

function viewOf(ctx: Context, row: Row): SignInRequestView {
  return {
    host: row.host,
    address: row.address,
    email: requireUser(ctx).user.email,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

async function auditDecision(
  ctx: Context,
  tx: Queryable,
  row: Row,
  verdict: SignInVerdict,
  how: string,
): Promise<void> {
  await audit(tx, {
    actor: actorName(ctx.actor),
    action: verdict === 'confirm' ? 'cli_sign_in.confirm' : 'cli_sign_in.deny',
    subject: `cli_sign_in:${row.id}`,
    details: { how, host: row.host, address: row.address },
  });
}
