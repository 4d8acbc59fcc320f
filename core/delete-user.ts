import { deleteApiTokensForOthers } from '#db/api-tokens.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { endSignInsOf } from '#db/cli-sign-ins.ts';
import { inTransaction, violatedConstraint } from '#db/pool.ts';
import { deleteTokensOf } from '#db/tokens.ts';
import {
  countActiveAdmins,
  deleteUser,
  emptyUser,
  findUserByEmail,
  lockAdmins,
  lockUser,
  userHasHistory,
} from '#db/users.ts';
import { alignApprovedBy } from './align-session.ts';
import { actorName, closedBy, isAdmin, requireAdmin, type Context } from './context.ts';
import { endSessionsOf } from './end-sessions-of.ts';
import { lastAdmin } from './save-user.ts';
import { userNotFound } from './user-views.ts';

/**
 * Removes a user. Who asked for a session or decided one stays for the record, deactivated and without groups, password
 * and Slack id, and so does who closed an account of which something is still open; making a user of that address again
 * brings them back. Throws `not_found`, `last_admin`.
 */
export async function removeUser(ctx: Context, email: string): Promise<'deleted' | 'deactivated'> {
  requireAdmin(ctx);
  try {
    return await remove(ctx, email.toLowerCase());
  } catch (error) {
    // They asked for their first session while we looked: now there is a history.
    if (violatedConstraint(error)?.match(/^(sessions_requester_id|decisions_user_id)_fkey$/)) {
      return remove(ctx, email.toLowerCase());
    }
    throw error;
  }
}

async function remove(ctx: Context, email: string): Promise<'deleted' | 'deactivated'> {
  const { id, done } = await inTransaction(ctx.core.db, async (tx) => {
    await lockAdmins(tx);
    const found = await findUserByEmail(tx, email);
    const user = found && (await lockUser(tx, found.id));
    if (!user) throw userNotFound(email);
    if (isAdmin(user) && (await countActiveAdmins(tx, user.id)) === 0) throw lastAdmin(user.email);
    const kept = await userHasHistory(tx, user.id);
    // before the row goes, and with it who made them
    const ended = await deleteApiTokensForOthers(tx, user.id);
    if (kept) {
      await emptyUser(tx, user.id, closedBy(ctx.actor));
      await deleteTokensOf(tx, user.id);
      await endSignInsOf(tx, user.id);
    } else {
      await deleteUser(tx, user.id);
    }
    await notify(tx, { kind: 'changed', topic: 'users' });
    await notify(tx, { kind: 'changed', topic: 'tokens' });
    const action = kept ? 'user.deactivate' : 'user.delete';
    const details = ended > 0 ? { tokensForOthersEnded: ended } : {};
    await audit(tx, { actor: actorName(ctx.actor), action, subject: `user:${user.email}`, details });
    return { id: user.id, done: kept ? ('deactivated' as const) : ('deleted' as const) };
  });
  // what they approved and has not run yet counts no more
  await alignApprovedBy(ctx.core, id);
  if (done === 'deactivated') await endSessionsOf(ctx, { id, email });
  return done;
}
