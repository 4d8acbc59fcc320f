/**
 * What somebody whose account is closed has asked for and does not run yet is ended, and their grants with all that
 * runs under them. Nothing of it could begin any more; this spares reviewers a decision that changes nothing.
 */
import { HoopError } from '#shared/errors.ts';
import { listEndedWithAccount } from '#db/sessions.ts';
import { requireUser, type Context } from './context.ts';
import { revokeSession, signalOrLeaveToSweep } from './decide-review.ts';

/** Each is revoked by the admin who closed the account, with that as the reason; gives how many. */
export async function endSessionsOf(ctx: Context, user: { id: string; email: string }): Promise<number> {
  // hoop itself, as it leaves the sandbox out, decides nothing
  if (ctx.actor.kind !== 'user' || requireUser(ctx).user.id === user.id) return 0;
  let ended = 0;
  for (const sessionId of await listEndedWithAccount(ctx.core.db, user.id)) {
    try {
      const { decision } = await revokeSession(ctx, sessionId, `The account of ${user.email} was deactivated.`);
      await signalOrLeaveToSweep(ctx.core, decision);
      ended += 1;
    } catch (error) {
      // it ended by itself meanwhile
      if (!(error instanceof HoopError)) throw error;
      ctx.core.log.info({ sessionId, code: error.code }, 'a session of a closed account was not revoked');
    }
  }
  return ended;
}
