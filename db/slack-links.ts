/** Table `slack_links`: what `/hoop subscribe` gave out, and what became of it. */
import type { Queryable } from './pool.ts';

export interface SlackLinkRow {
  id: string;
  slackId: string;
  teamId: string;
  /** What Slack called the person when they asked. */
  slackName: string;
  expiresAt: Date;
  replacedAt: Date | null;
  usedAt: Date | null;
  usedBy: string | null;
}

const select = `select id, slack_id as "slackId", team_id as "teamId", slack_name as "slackName", expires_at as "expiresAt",
  replaced_at as "replacedAt", used_at as "usedAt", used_by as "usedBy" from slack_links`;

export type NewSlackLink = Pick<SlackLinkRow, 'id' | 'slackId' | 'teamId' | 'slackName' | 'expiresAt'> & {
  createdAt: Date;
};

/** Links of one person are made one after the other. */
export async function lockSlackPerson(tx: Queryable, slackId: string, teamId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('hoop.slack_links ' || $1 || ' ' || $2, 0))", [
    teamId,
    slackId,
  ]);
}

export async function countSlackLinks(tx: Queryable, slackId: string, teamId: string, since: Date): Promise<number> {
  const found = await tx.query<{ n: number }>(
    'select count(*) as n from slack_links where slack_id = $1 and team_id = $2 and created_at > $3',
    [slackId, teamId, since],
  );
  return found.rows[0]?.n ?? 0;
}

/** Writes a link; the unused ones this person had end with it. */
export async function insertSlackLink(tx: Queryable, link: NewSlackLink): Promise<void> {
  await tx.query(
    `update slack_links set replaced_at = $3
     where slack_id = $1 and team_id = $2 and used_at is null and replaced_at is null`,
    [link.slackId, link.teamId, link.createdAt],
  );
  await tx.query(
    `insert into slack_links (id, slack_id, team_id, slack_name, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
    [link.id, link.slackId, link.teamId, link.slackName, link.createdAt, link.expiresAt],
  );
}

export async function deleteSlackLinksBefore(db: Queryable, time: Date): Promise<void> {
  await db.query('delete from slack_links where created_at < $1', [time]);
}

export async function findSlackLink(db: Queryable, id: string): Promise<SlackLinkRow | undefined> {
  return (await db.query<SlackLinkRow>(`${select} where id = $1`, [id])).rows[0];
}

/** Nobody else uses or replaces the link until the transaction ends. */
export async function lockSlackLink(tx: Queryable, id: string): Promise<SlackLinkRow | undefined> {
  return (await tx.query<SlackLinkRow>(`${select} where id = $1 for update`, [id])).rows[0];
}

export async function useSlackLink(tx: Queryable, id: string, userId: string, at: Date): Promise<void> {
  await tx.query('update slack_links set used_at = $3, used_by = $2 where id = $1', [id, userId, at]);
}
