/** Signing in with a password; gives a token that is stored as a hash only. */
import type { Me } from '#shared/api-schemas.ts';
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import { inTransaction } from '#db/pool.ts';
import { countAttempts, forgetAttempt } from '#db/sign-in-attempts.ts';
import { findUserByEmail, type UserRow } from '#db/users.ts';
import { beginSignIn } from './begin-sign-in.ts';
import { isAdmin, type Core } from './context.ts';
import { checkPassword } from './passwords.ts';

/** Wrong passwords within a window: for one account from one address, and from one address for all accounts. */
export const signInLimits = { windowSeconds: 15 * 60, account: 10, address: 100 } as const;

export interface SignIn {
  email: string;
  password: string;
  kind: 'cli' | 'web';
  /** Where the request came from. */
  address: string;
  /** The web token this sign-in takes the place of. */
  previousToken?: string | undefined;
}

/** Throws `wrong_credentials` and `too_many_attempts`; neither tells whether the account exists. */
export async function signIn(core: Core, input: SignIn): Promise<{ token: string; user: UserRow }> {
  const accountKey = sha256Hex(`account\n${input.email}\n${input.address}`);
  const addressKey = sha256Hex(`address\n${input.address}`);
  // Counted before the password is looked at: attempts that arrive together count like those one after another.
  const [account = 0, address = 0] = await countAttempts(core.db, [accountKey, addressKey], signInLimits.windowSeconds);
  if (account > signInLimits.account || address > signInLimits.address) {
    core.log.warn({ email: input.email, address: input.address }, 'sign-in refused: too many attempts');
    throw new HoopError(
      'too_many_attempts',
      `Too many failed attempts to sign in. Wait ${signInLimits.windowSeconds / 60} minutes and try again.`,
    );
  }
  const user = await findUserByEmail(core.db, input.email);
  const right = await checkPassword(input.password, user?.active ? user.passwordHash : null);
  if (!user || !right) {
    core.log.info({ email: input.email, address: input.address }, 'sign-in refused');
    throw new HoopError('wrong_credentials', 'The e-mail address or the password is wrong.');
  }
  const { kind, previousToken } = input;
  const token = await inTransaction(core.db, async (tx) => {
    await forgetAttempt(tx, accountKey, addressKey);
    return beginSignIn(core, tx, { user, kind, previousToken, details: { how: 'password' } });
  });
  return { token, user };
}

export function meOf(user: UserRow): Me {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    groups: user.groups,
    admin: isAdmin(user),
    slackId: user.slackId,
  };
}
