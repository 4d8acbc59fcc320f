/** Table `tokens`: what people and programs sign in with, stored as hashes. */
import type { Queryable } from './pool.ts';

/** `cli` and `web` come from signing in; `api` is made for a program, by somebody who signed in. */
export type TokenKind = 'cli' | 'web' | 'api';

export async function insertToken(
  db: Queryable,
  token: { hash: string; userId: string; kind: 'cli' | 'web'; expiresAt: Date },
): Promise<void> {
  await db.query('insert into tokens (hash, user_id, kind, expires_at) values ($1, $2, $3, $4)', [
    token.hash,
    token.userId,
    token.kind,
    token.expiresAt,
  ]);
}

export async function deleteToken(db: Queryable, hash: string): Promise<void> {
  await db.query('delete from tokens where hash = $1', [hash]);
}

/** Nothing of this user's is good any more: neither sign-ins nor API tokens. */
export async function deleteTokensOf(db: Queryable, userId: string): Promise<void> {
  await db.query('delete from tokens where user_id = $1', [userId]);
}

/** Signs a user out everywhere, but for the sign-in of the hash that is given. API tokens stay. */
export async function deleteSignInTokensOf(db: Queryable, userId: string, except: string | null): Promise<void> {
  await db.query("delete from tokens where user_id = $1 and kind <> 'api' and hash is distinct from $2", [
    userId,
    except,
  ]);
}

/** Drops sign-ins that can no longer be used. */
export async function deleteExpiredTokens(db: Queryable, userId: string): Promise<void> {
  await db.query("delete from tokens where user_id = $1 and kind <> 'api' and expires_at <= now()", [userId]);
}
