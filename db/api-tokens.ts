/** Table `tokens`, those of kind `api`: made for programs, listed and ended by name. */
import type { Queryable } from './pool.ts';

export interface ApiTokenRow {
  id: string;
  name: string;
  userId: string;
  email: string;
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

const select = `select t.id, t.name, t.user_id as "userId", u.email, c.email as "createdBy", t.created_at as "createdAt",
  t.expires_at as "expiresAt", t.last_used_at as "lastUsedAt"
  from tokens t join users u on u.id = t.user_id left join users c on c.id = t.created_by
  where t.kind = 'api'`;

export interface NewApiToken {
  hash: string;
  name: string;
  userId: string;
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** The id; undefined when the user has one of that name. */
export async function insertApiToken(tx: Queryable, token: NewApiToken): Promise<string | undefined> {
  const inserted = await tx.query<{ id: string }>(
    `insert into tokens (kind, hash, name, user_id, created_by, created_at, expires_at)
     values ('api', $1, $2, $3, $4, $5, $6)
     on conflict (user_id, name) where kind = 'api' do nothing returning id`,
    [token.hash, token.name, token.userId, token.createdBy, token.createdAt, token.expiresAt],
  );
  return inserted.rows[0]?.id;
}

export async function countApiTokens(db: Queryable, userId: string): Promise<number> {
  const found = await db.query<{ n: number }>("select count(*) as n from tokens where user_id = $1 and kind = 'api'", [
    userId,
  ]);
  return found.rows[0]?.n ?? 0;
}

export interface ApiTokenFilter {
  userId: string | null;
  /** Goes on after this one. */
  before: string | null;
  limit: number | null;
}

/** The newest first. */
export async function listApiTokens(db: Queryable, filter: ApiTokenFilter): Promise<ApiTokenRow[]> {
  const found = await db.query<ApiTokenRow>(
    `${select} and ($1::uuid is null or t.user_id = $1)
       and ($2::uuid is null or (t.created_at, t.id) < (select b.created_at, b.id from tokens b where b.id = $2))
     order by t.created_at desc, t.id desc limit $3`,
    [filter.userId, filter.before, filter.limit],
  );
  return found.rows;
}

export async function findApiToken(db: Queryable, id: string): Promise<ApiTokenRow | undefined> {
  return (await db.query<ApiTokenRow>(`${select} and t.id = $1`, [id])).rows[0];
}

export async function findApiTokenByName(
  db: Queryable,
  userId: string,
  name: string,
): Promise<ApiTokenRow | undefined> {
  return (await db.query<ApiTokenRow>(`${select} and t.user_id = $1 and t.name = $2`, [userId, name])).rows[0];
}

/** Whether it was there. */
export async function deleteApiToken(tx: Queryable, id: string): Promise<boolean> {
  return (await tx.query("delete from tokens where kind = 'api' and id = $1", [id])).rowCount === 1;
}

/** Those that this person, as an admin, made for others; how many there were. */
export async function deleteApiTokensForOthers(tx: Queryable, madeBy: string): Promise<number> {
  const deleted = await tx.query(
    "delete from tokens where kind = 'api' and created_by = $1 and user_id is distinct from $1",
    [madeBy],
  );
  return deleted.rowCount ?? 0;
}

/** An expired one makes room for a new one of its name. */
export async function deleteExpiredApiToken(tx: Queryable, userId: string, name: string, now: Date): Promise<void> {
  await tx.query("delete from tokens where kind = 'api' and user_id = $1 and name = $2 and expires_at <= $3", [
    userId,
    name,
    now,
  ]);
}

/** Several gateways may note the same minute; one of them writes. */
export async function noteTokenUse(db: Queryable, hash: string): Promise<void> {
  await db.query(
    `update tokens set last_used_at = now()
     where hash = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [hash],
  );
}
