/** Tables `users`, `groups`, `user_groups`, `slack_identities`. */
import type { PersonFact } from '#shared/review-policy.ts';
import type { DecisionVia } from './decisions.ts';
import { escapeLike, type Queryable } from './pool.ts';
import type { TokenKind } from './tokens.ts';

export interface UserRow {
  id: string;
  email: string;
  name: string;
  passwordHash: string | null;
  active: boolean;
  sandbox: boolean;
  createdAt: Date;
  groups: string[];
  slackId: string | null;
  /** The workspace the Slack id counts in; null: given by an admin, and not used there yet. */
  slackTeamId: string | null;
}

const select = `select u.id, u.email, u.name, u.password_hash as "passwordHash", u.active, u.sandbox, u.created_at as "createdAt",
  coalesce((select array_agg(g.group_name order by g.group_name) from user_groups g where g.user_id = u.id), '{}') as groups,
  i.slack_id as "slackId", i.team_id as "slackTeamId"
  from users u left join slack_identities i on i.user_id = u.id`;

export async function findUserByEmail(db: Queryable, email: string): Promise<UserRow | undefined> {
  return (await db.query<UserRow>(`${select} where u.email = $1`, [email])).rows[0];
}

export async function findUser(db: Queryable, id: string): Promise<UserRow | undefined> {
  return (await db.query<UserRow>(`${select} where u.id = $1`, [id])).rows[0];
}

export interface TokenOwner {
  user: UserRow;
  kind: TokenKind;
  /** Of an API token: its use was not noted in the last minute. */
  useToNote: boolean;
}

/** The active user whose token has this hash and has not expired: every request asks, so it is one query. */
export async function findUserByToken(
  db: Queryable,
  tokenHash: string,
  kinds: readonly TokenKind[],
): Promise<TokenOwner | undefined> {
  const found = await db.query<UserRow & Omit<TokenOwner, 'user'>>(
    `select owner.*, t.kind, t.kind = 'api' and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute')
       as "useToNote"
     from tokens t join (${select}) owner on owner.id = t.user_id
     where t.hash = $1 and t.kind = any($2::text[]) and t.expires_at > now() and owner.active`,
    [tokenHash, kinds],
  );
  const [row] = found.rows;
  if (!row) return undefined;
  const { kind, useToNote, ...user } = row;
  return { user, kind, useToNote };
}

/** The user behind a Slack identity. An identity given by an admin fits any team until it is bound to one. */
export async function findUserBySlackId(db: Queryable, slackId: string, teamId: string): Promise<UserRow | undefined> {
  const found = await db.query<UserRow>(`${select} where i.slack_id = $1 and (i.team_id is null or i.team_id = $2)`, [
    slackId,
    teamId,
  ]);
  return found.rows[0];
}

export interface UserFilter {
  /** Part of the name, the e-mail address or the Slack id. */
  search?: string | undefined;
  group?: string | undefined;
  active?: boolean | undefined;
  /** Undefined: all. */
  limit?: number | undefined;
  /** E-mail address: those that follow it. */
  after?: string | undefined;
}

/** By e-mail address. */
export async function listUsers(db: Queryable, filter: UserFilter = {}): Promise<UserRow[]> {
  const found = await db.query<UserRow>(
    `${select}
     where ($1::text is null or u.email ilike $1 or u.name ilike $1 or i.slack_id ilike $1)
       and ($2::text is null or exists (select 1 from user_groups g where g.user_id = u.id and g.group_name = $2))
       and ($3::boolean is null or u.active = $3)
       and ($4::text is null or u.email > $4)
     order by u.email limit $5`,
    [
      filter.search ? `%${escapeLike(filter.search)}%` : null,
      filter.group ?? null,
      filter.active ?? null,
      filter.after ?? null,
      filter.limit ?? null,
    ],
  );
  return found.rows;
}

export async function insertUser(tx: Queryable, email: string, name: string): Promise<string | undefined> {
  const inserted = await tx.query<{ id: string }>(
    'insert into users (email, name) values ($1, $2) on conflict (email) do nothing returning id',
    [email, name],
  );
  return inserted.rows[0]?.id;
}

/** Who closes an account; undefined: hoop itself. */
export type ClosedBy = { userId: string; via: DecisionVia } | undefined;

export interface UserChange {
  name?: string | undefined;
  passwordHash?: string | undefined;
  active?: boolean | undefined;
  sandbox?: boolean | undefined;
  /** Of `active: false`. */
  closedBy?: ClosedBy;
}

export async function updateUser(tx: Queryable, id: string, change: UserChange): Promise<void> {
  await tx.query(
    `update users set name = coalesce($2, name), password_hash = coalesce($3, password_hash),
       active = coalesce($4, active), sandbox = coalesce($5, sandbox),
       deactivated_by = case when $4 then null when not $4 then coalesce(deactivated_by, $6) else deactivated_by end,
       deactivated_via = case when $4 then null when not $4 and deactivated_by is null then $7 else deactivated_via end
     where id = $1`,
    [
      id,
      change.name ?? null,
      change.passwordHash ?? null,
      change.active ?? null,
      change.sandbox ?? null,
      change.closedBy?.userId ?? null,
      change.closedBy?.via ?? null,
    ],
  );
}

/** Puts a user into exactly these groups; groups come into being by being named here. */
export async function setUserGroups(tx: Queryable, userId: string, groups: string[]): Promise<void> {
  await tx.query('insert into groups (name) select unnest($1::text[]) on conflict do nothing', [groups]);
  await tx.query('delete from user_groups where user_id = $1 and group_name <> all($2::text[])', [userId, groups]);
  await tx.query('insert into user_groups (user_id, group_name) select $1, unnest($2::text[]) on conflict do nothing', [
    userId,
    groups,
  ]);
}

/**
 * Binds a Slack id to a user, in place of any other. Without a team it counts wherever hoop is installed, from its
 * first use on only there. Violates `slack_identities_pkey` when it belongs to somebody else.
 */
export async function bindSlackId(
  tx: Queryable,
  userId: string,
  slackId: string,
  teamId: string | null,
): Promise<void> {
  await tx.query('delete from slack_identities where user_id = $1 and slack_id <> $2', [userId, slackId]);
  await tx.query(
    `insert into slack_identities (slack_id, user_id, team_id) values ($2, $1, $3)
     on conflict (user_id) do update set team_id = excluded.team_id,
       dm_channel = case when slack_identities.team_id = excluded.team_id then slack_identities.dm_channel end`,
    [userId, slackId, teamId],
  );
}

/** A Slack id that an admin gave without a workspace was used in this one. */
export async function pinSlackTeam(db: Queryable, slackId: string, teamId: string): Promise<void> {
  await db.query('update slack_identities set team_id = $2 where slack_id = $1 and team_id is null', [slackId, teamId]);
}

export async function unbindSlackId(tx: Queryable, userId: string): Promise<void> {
  await tx.query('delete from slack_identities where user_id = $1', [userId]);
}

/** What is left of a user whom sessions name: who they were, and no way to act. */
export async function emptyUser(tx: Queryable, id: string, closedBy: ClosedBy): Promise<void> {
  await updateUser(tx, id, { active: false, closedBy });
  await tx.query('update users set password_hash = null where id = $1', [id]);
  await tx.query('delete from user_groups where user_id = $1', [id]);
  await unbindSlackId(tx, id);
}

export async function deleteUser(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from users where id = $1', [id]);
}

/**
 * Whether anything recorded names the user, or will once what they closed the account of has ended; such a user is
 * deactivated and never deleted.
 */
export async function userHasHistory(tx: Queryable, id: string): Promise<boolean> {
  const found = await tx.query<{ found: boolean }>(
    `select exists (select 1 from sessions where requester_id = $1) or exists (select 1 from decisions where user_id = $1)
       or exists (select 1 from users u join sessions s on s.requester_id = u.id
         where u.deactivated_by = $1 and s.ended_at is null) as found`,
    [id],
  );
  return found.rows[0]?.found === true;
}

export async function listGroups(db: Queryable): Promise<string[]> {
  return (await db.query<{ name: string }>('select name from groups order by name')).rows.map((row) => row.name);
}

export interface GroupCount {
  name: string;
  /** Active people. */
  members: number;
  /** Connections that name it as a reviewer. */
  reviews: number;
}

export async function countGroups(db: Queryable): Promise<GroupCount[]> {
  const found = await db.query<GroupCount>(
    `select g.name, coalesce(m.n, 0)::int as members, coalesce(r.n, 0)::int as reviews from groups g
     left join (select ug.group_name, count(*) as n from user_groups ug join users u on u.id = ug.user_id and u.active
       group by ug.group_name) m on m.group_name = g.name
     left join (select asked.name, count(*) as n from connections c,
         jsonb_array_elements_text(case when jsonb_typeof(c.policy->'groups') = 'array' then c.policy->'groups' else '[]' end) asked(name)
       group by asked.name) r on r.name = g.name
     order by g.name`,
  );
  return found.rows;
}

/** All active people with their groups, for the review policy. */
export async function listPeople(db: Queryable): Promise<PersonFact[]> {
  const found = await db.query<PersonFact>(
    `select u.id, u.active, array_agg(g.group_name) as groups from users u join user_groups g on g.user_id = u.id
     where u.active group by u.id`,
  );
  return found.rows;
}

/**
 * Of those who can sign in: others approve in Slack, and cannot administer anything. People of the sandbox are gone
 * with it.
 */
export async function countActiveAdmins(db: Queryable, except: string): Promise<number> {
  const found = await db.query<{ n: number }>(
    `select count(*) as n from users u join user_groups g on g.user_id = u.id
     where g.group_name = 'admin' and u.active and not u.sandbox and u.password_hash is not null and u.id <> $1`,
    [except],
  );
  return found.rows[0]?.n ?? 0;
}

/** Of the Slack account it was opened with: the person may count as another one by now. */
export async function rememberDmChannel(
  db: Queryable,
  userId: string,
  slackId: string,
  channel: string,
): Promise<void> {
  await db.query('update slack_identities set dm_channel = $3 where user_id = $1 and slack_id = $2', [
    userId,
    slackId,
    channel,
  ]);
}

export interface SlackIdentityRow {
  slackId: string;
  teamId: string | null;
  dmChannel: string | null;
  boundAt: Date;
}

export async function findSlackIdentity(db: Queryable, userId: string): Promise<SlackIdentityRow | undefined> {
  const found = await db.query<SlackIdentityRow>(
    `select slack_id as "slackId", team_id as "teamId", dm_channel as "dmChannel", bound_at as "boundAt"
     from slack_identities where user_id = $1`,
    [userId],
  );
  return found.rows[0];
}

/** E-mail address of the user a Slack id is bound to. */
export async function findSlackIdOwner(
  db: Queryable,
  slackId: string,
): Promise<{ id: string; email: string } | undefined> {
  const found = await db.query<{ id: string; email: string }>(
    'select u.id, u.email from slack_identities i join users u on u.id = i.user_id where i.slack_id = $1',
    [slackId],
  );
  return found.rows[0];
}

/** Until the transaction ends nobody else changes who is an admin: two admins cannot remove each other. */
export async function lockAdmins(tx: Queryable): Promise<void> {
  await tx.query("select name from groups where name = 'admin' for update");
}

/** Keeps a user from being changed by others until the transaction ends. */
export async function lockUser(tx: Queryable, id: string): Promise<UserRow | undefined> {
  return (await tx.query<UserRow>(`${select} where u.id = $1 for update of u`, [id])).rows[0];
}

export async function ensureGroups(db: Queryable, groups: string[]): Promise<void> {
  await db.query('insert into groups (name) select unnest($1::text[]) on conflict do nothing', [groups]);
}

/** People seeded for the sandbox exist only while it does. */
export async function setSandboxUsersActive(db: Queryable, active: boolean): Promise<void> {
  await db.query(
    `update users set active = $1, deactivated_by = case when not $1 then deactivated_by end,
       deactivated_via = case when not $1 then deactivated_via end where sandbox and active <> $1`,
    [active],
  );
}
