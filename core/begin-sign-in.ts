/** Whoever has proved who they are, in whichever way, gets a token. */
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import type { Queryable } from '#db/pool.ts';
import { deleteExpiredTokens, deleteToken, insertToken } from '#db/tokens.ts';
import type { UserRow } from '#db/users.ts';
import type { Core } from './context.ts';
import { hashToken, newToken } from './passwords.ts';

export const tokenSeconds = { cli: 90 * 86_400, web: 12 * 3600 } as const;

export interface Proven {
  user: UserRow;
  kind: 'cli' | 'web';
  /** The token of the same browser that this sign-in takes the place of. */
  previousToken?: string | undefined;
  /** Of the way it was proved, for the audit log. */
  details: { how: 'password' | 'browser' | 'device' } & Record<string, string>;
}

/** Gives the token; what is stored is its hash. */
export async function beginSignIn(core: Core, tx: Queryable, proven: Proven): Promise<string> {
  const { user, kind, previousToken, details } = proven;
  const { token, hash } = newToken(`hoop_${kind}`);
  await deleteExpiredTokens(tx, user.id);
  if (previousToken) await deleteToken(tx, hashToken(previousToken));
  const expiresAt = new Date(core.now().getTime() + tokenSeconds[kind] * 1000);
  await insertToken(tx, { hash, userId: user.id, kind, expiresAt });
  await notify(tx, { kind: 'changed', topic: 'tokens' });
  const subject = `user:${user.email}`;
  await audit(tx, { actor: subject, action: 'user.sign_in', subject, details: { kind, ...details } });
  return token;
}
