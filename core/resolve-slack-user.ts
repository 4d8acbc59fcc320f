/** Who in hoop is behind a Slack identity. */
import { HoopError } from '#shared/errors.ts';
import { findUserBySlackId, pinSlackTeam, type UserRow } from '#db/users.ts';
import type { Core } from './context.ts';

export interface SlackIdentity {
  /** `user.id` and `team.id` of a payload: names in payloads can be anybody's. */
  userId: string;
  teamId: string;
}

/**
 * Throws `slack_user_unknown` with what the person can do. An identity an admin gave without a team counts in the
 * workspace hoop is installed in (`homeTeamId`) and in no other that shares a channel with it.
 */
export async function resolveSlackUser(
  core: Pick<Core, 'db'>,
  identity: SlackIdentity,
  homeTeamId: string | undefined,
): Promise<UserRow> {
  if (homeTeamId !== undefined && identity.teamId !== homeTeamId) {
    throw new HoopError(
      'slack_user_unknown',
      'You are in another Slack workspace than hoop, where it knows nobody, so nothing was decided. ' +
        'Decide in the workspace hoop is installed in, or in its console.',
    );
  }
  const user = await findUserBySlackId(core.db, identity.userId, identity.teamId);
  if (user?.active) {
    if (user.slackTeamId === null && homeTeamId !== undefined) await pinSlackTeam(core.db, identity.userId, homeTeamId);
    return user;
  }
  if (user) {
    throw new HoopError('slack_user_unknown', 'Your hoop account is not active, so nothing was decided; ask an admin.');
  }
  throw new HoopError(
    'slack_user_unknown',
    'hoop does not know who you are in Slack yet, so nothing was decided. Type /hoop subscribe to bind your account.',
  );
}
