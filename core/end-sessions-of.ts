/**
 * What somebody whose account is closed has asked for and does not run yet is ended, and their grants with all that
 * runs under them. Nothing of it could begin any more; this spares reviewers a decision that changes nothing.
 */
import { HoopError } from '#shared/errors.ts';
import { listEndedWithAccount, listLeftOpen } from '#db/sessions.ts';
import { findUser } from '#db/users.ts';
import type { Context, Core } from './context.ts';
import { revokeOfClosedAccount, signalDecision, signalOrLeaveToSweep, type Decided } from './decide-review.ts';
import { carryOn } from './sweep-parts.ts';

/** Each is revoked by the admin who closed the account, with that as the reason. The sweep ends what this leaves. */
export async function endSessionsOf(ctx: Context, user: { id: string; email: string }): Promise<void> {
  // hoop itself, as it leaves the sandbox out, decides nothing
  if (ctx.actor.kind !== 'user') return;
  for (const sessionId of await listEndedWithAccount(ctx.core.db, user.id)) {
    const decision = await revoke(ctx, sessionId, user.email);
    if (decision) await signalOrLeaveToSweep(ctx.core, decision);
  }
}

/** For the sweep: as `endSessionsOf`, what the process that closed an account left open. Gives how many. */
export async function endLeftOpen(core: Core, limit: number): Promise<number> {
  let ended = 0;
  for (const left of await listLeftOpen(core.db, limit)) {
    await carryOn(core, left.sessionId, async () => {
      const user = await findUser(core.db, left.closedBy);
      if (!user) return;
      const ctx: Context = { core, actor: { kind: 'user', user, via: left.closedVia } };
      const decision = await revoke(ctx, left.sessionId, left.requesterEmail);
      if (!decision) return;
      core.log.info({ sessionId: left.sessionId }, 'revoked a session that a closed account had left open');
      ended += 1;
      await signalDecision(core, decision);
    });
  }
  return ended;
}

async function revoke(ctx: Context, sessionId: string, email: string): Promise<Decided['decision'] | undefined> {
  try {
    return (await revokeOfClosedAccount(ctx, sessionId, `The account of ${email} was deactivated.`)).decision;
  } catch (error) {
    // it ended by itself meanwhile
    if (!(error instanceof HoopError)) throw error;
    ctx.core.log.info({ sessionId, code: error.code }, 'a session of a closed account was not revoked');
    return undefined;
  }
}
