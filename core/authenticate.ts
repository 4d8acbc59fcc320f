import { noteTokenUse } from '#db/api-tokens.ts';
import type { TokenKind } from '#db/tokens.ts';
import { findUserByToken, type UserRow } from '#db/users.ts';
import type { Core } from './context.ts';
import { hashToken } from './passwords.ts';

export type { TokenKind } from '#db/tokens.ts';

export interface SignedIn {
  user: UserRow;
  /** Of the token; what `signOut` takes. */
  tokenHash: string;
  tokenKind: TokenKind;
}

const longestToken = 200;

/** The active user a token of one of these kinds belongs to; undefined when it is unknown or expired. */
export async function authenticate(
  core: Core,
  token: string,
  kinds: readonly TokenKind[],
): Promise<SignedIn | undefined> {
  if (token.length > longestToken) return undefined;
  const tokenHash = hashToken(token);
  const owner = await findUserByToken(core.db, tokenHash, kinds);
  if (owner?.useToNote) await noteTokenUse(core.db, tokenHash);
  return owner && { user: owner.user, tokenHash, tokenKind: owner.kind };
}

/**
 * The person as they are now, while a stream is open: groups change. Undefined once they are deactivated, or the token
 * they came with is gone: they signed out, were given another password, or it has expired.
 */
export async function stillSignedIn(
  core: Core,
  { tokenHash }: Pick<SignedIn, 'tokenHash'>,
): Promise<UserRow | undefined> {
  return (await findUserByToken(core.db, tokenHash, ['cli', 'web', 'api']))?.user;
}
