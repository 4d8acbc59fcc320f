import { findUserByToken, type UserRow } from '#db/users.ts';
import type { Core } from './context.ts';
import { hashToken } from './passwords.ts';

export interface SignedIn {
  user: UserRow;
  /** Of the token; what `signOut` takes. */
  tokenHash: string;
}

const longestToken = 200;

/** The active user a token of one of these kinds belongs to; undefined when it is unknown or expired. */
export async function authenticate(
  core: Core,
  token: string,
  kinds: readonly ('cli' | 'web')[],
): Promise<SignedIn | undefined> {
  if (token.length > longestToken) return undefined;
  const tokenHash = hashToken(token);
  const user = await findUserByToken(core.db, tokenHash, kinds);
  return user && { user, tokenHash };
}

/**
 * The person as they are now, while a stream is open: groups change. Undefined once they are deactivated, or the token
 * they came with is gone: they signed out, were given another password, or it has expired.
 */
export async function stillSignedIn(
  core: Core,
  { tokenHash }: Pick<SignedIn, 'tokenHash'>,
): Promise<UserRow | undefined> {
  return findUserByToken(core.db, tokenHash, ['cli', 'web']);
}
