import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { deleteToken } from '#db/tokens.ts';
import { actorName, requireUser, type Context } from './context.ts';

/** The token of this hash signs nobody in any more. */
export async function signOut(ctx: Context, tokenHash: string): Promise<void> {
  const { user } = requireUser(ctx);
  await inTransaction(ctx.core.db, async (tx) => {
    await deleteToken(tx, tokenHash);
    await notify(tx, { kind: 'changed', topic: 'tokens' });
    await audit(tx, { actor: actorName(ctx.actor), action: 'user.sign_out', subject: `user:${user.email}` });
  });
}
