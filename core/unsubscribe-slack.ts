/** A Slack account stops counting for the user it is bound to, whoever bound it. */
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { findUserBySlackId, lockUser, unbindSlackId } from '#db/users.ts';
import type { Core } from './context.ts';
import type { SlackIdentity } from './resolve-slack-user.ts';

/** Gives the address of the user it counted for; undefined when it counted for nobody. */
export async function unsubscribeSlack(core: Pick<Core, 'db'>, identity: SlackIdentity): Promise<string | undefined> {
  const { userId: slackId, teamId } = identity;
  return inTransaction(core.db, async (tx) => {
    const found = await findUserBySlackId(tx, slackId, teamId);
    const user = found && (await lockUser(tx, found.id));
    if (!user || user.slackId !== slackId) return undefined;
    await unbindSlackId(tx, user.id);
    await notify(tx, { kind: 'changed', topic: 'users' });
    await audit(tx, {
      actor: `user:${user.email}`,
      action: 'user.unbind_slack',
      subject: `user:${user.email}`,
      details: { slackId, teamId, via: 'slack' },
    });
    return user.email;
  });
}
