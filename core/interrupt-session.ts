/** Ctrl-C of the person who waits: SIGINT for the running command, through whichever gateway holds its agent. */
import { HoopError } from '#shared/errors.ts';
import { sessionCan, whyNot } from '#shared/session-states.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { findSession } from '#db/sessions.ts';
import { actorName, isAdmin, requireUser, type Context } from './context.ts';

export async function interruptSession(ctx: Context, sessionId: string): Promise<void> {
  const { user } = requireUser(ctx);
  const session = await findSession(ctx.core.db, sessionId);
  if (!session) throw new HoopError('not_found', 'There is no such session.');
  if (session.requesterId !== user.id && !isAdmin(user)) {
    throw new HoopError('not_allowed', 'Only who asked may interrupt the command.');
  }
  if (!sessionCan('interrupt', session.state))
    throw new HoopError('session_not_running', whyNot('interrupt', session.state));
  await inTransaction(ctx.core.db, async (tx) => {
    await notify(tx, { kind: 'interrupt', id: sessionId });
    await audit(tx, { actor: actorName(ctx.actor), action: 'session.interrupt', subject: `session:${sessionId}` });
  });
}
