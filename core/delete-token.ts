import { deleteApiToken } from '#db/api-tokens.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { actorName, type Context } from './context.ts';
import { findVisibleToken } from './token-views.ts';

/** From the next request on it is nobody's. Throws `not_found`. */
export async function removeToken(ctx: Context, key: string): Promise<void> {
  const row = await findVisibleToken(ctx, key);
  await inTransaction(ctx.core.db, async (tx) => {
    if (!(await deleteApiToken(tx, row.id))) return; // somebody else was faster
    await notify(tx, { kind: 'changed', topic: 'tokens' });
    await audit(tx, {
      actor: actorName(ctx.actor),
      action: 'token.delete',
      subject: `token:${row.id}`,
      details: { name: row.name, user: row.email },
    });
  });
}
