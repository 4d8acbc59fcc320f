/** Who in hoop is behind a Slack identity. */
import { HoopError } from '#shared/errors.ts';
import { findUserBySlackId, type UserRow } from '#db/users.ts';
import type { Core } from './context.ts';

export interface SlackIdentity {
  /** `user.id` and `team.id` of a payload: names in payloads can be anybody's. */
  userId: string;
  teamId: string;
}

/**
 * Throws `slack_user_unknown` with what an admin can do. An identity an admin gave without a team counts in the
 * workspace hoop is installed in (`homeTeamId`) and in no other that shares a channel with it.
 */
export async function resolveSlackUser(
  core: Pick<Core, 'db'>,
  identity: SlackIdentity,
  homeTeamId: string | undefined,
): Promise<UserRow> {
  const user = await findUserBySlackId(core.db, identity.userId, identity.teamId);
  const stranger = homeTeamId !== undefined && identity.teamId !== homeTeamId;
  if (user && user.active && !stranger) return user;
  if (user && !stranger) throw new HoopError('slack_user_unknown', 'Your hoop account is not active; ask an admin.');
  throw new HoopError(
    'slack_user_unknown',
    `hoop does not know who you are (Slack id ${identity.userId}), so nothing was decided. ` +
      `An admin can bind your account: hoop admin create user <email> --overwrite --slackid ${identity.userId}`,
  );
}
