import { audit } from '#db/audit.ts';
import { deleteConnection, lockConnectionForChange } from '#db/connections.ts';
import { inTransaction } from '#db/pool.ts';
import { connectionNotFound } from './connection-views.ts';
import { actorName, requireAdmin, type Context } from './context.ts';

/** Removes a connection; its sessions stay as a record, and those that wait cannot run any more. Throws `not_found`. */
export async function removeConnection(ctx: Context, name: string): Promise<void> {
  requireAdmin(ctx);
  await inTransaction(ctx.core.db, async (tx) => {
    const connection = await lockConnectionForChange(tx, name);
    if (!connection) throw connectionNotFound(name);
    await deleteConnection(tx, connection.id);
    await audit(tx, { actor: actorName(ctx.actor), action: 'connection.delete', subject: `connection:${name}` });
  });
}
