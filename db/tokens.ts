/** Table `tokens`: what people sign in with, stored as hashes. */
import type { Queryable } from './pool.ts';

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

/** Signs a user out everywhere. */
export async function deleteTokensOf(db: Queryable, userId: string): Promise<void> {
  await db.query('delete from tokens where user_id = $1', [userId]);
}

/** Drops what can no longer be used. */
export async function deleteExpiredTokens(db: Queryable, userId: string): Promise<void> {
  await db.query('delete from tokens where user_id = $1 and expires_at <= now()', [userId]);
}
