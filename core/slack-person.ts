/** Who in hoop, if anybody, is behind a Slack identity; asking decides nothing. */
import { findPlugin, slackInfo, type SlackInfo } from '#db/plugins.ts';
import type { Queryable } from '#db/pool.ts';
import { findSlackIdentity, findUserBySlackId, pinSlackTeam, type UserRow } from '#db/users.ts';
import type { Core } from './context.ts';
import type { SlackIdentity } from './resolve-slack-user.ts';
import { slackPlugin } from './slack-tokens.ts';

export type SlackUser = UserRow;

export type SlackPersonFound =
  | { kind: 'known' | 'inactive'; user: SlackUser }
  | { kind: 'unknown' }
  /** Of a workspace that shares a channel with the one hoop is installed in. */
  | { kind: 'stranger' };

export async function findSlackPerson(
  { db }: Pick<Core, 'db'>,
  { userId, teamId }: SlackIdentity,
  homeTeamId: string | undefined,
): Promise<SlackPersonFound> {
  if (homeTeamId !== undefined && teamId !== homeTeamId) return { kind: 'stranger' };
  const user = await findUserBySlackId(db, userId, teamId);
  if (!user) return { kind: 'unknown' };
  if (user.slackTeamId === null && homeTeamId !== undefined) await pinSlackTeam(db, userId, homeTeamId);
  return { kind: user.active ? 'known' : 'inactive', user };
}

export async function boundSince({ db }: Pick<Core, 'db'>, user: SlackUser): Promise<Date | undefined> {
  return (await findSlackIdentity(db, user.id))?.boundAt;
}

/** The workspace hoop is installed in, as Slack named it when the tokens were verified; undefined without one. */
export async function findHomeTeam(db: Queryable): Promise<SlackInfo['team']> {
  const plugin = await findPlugin(db, slackPlugin);
  return slackInfo.catch({ scopes: [] }).parse(plugin?.info ?? {}).team;
}
