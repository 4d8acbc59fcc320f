import { audit } from '#db/audit.ts';
import { deleteConnection, lockConnectionForChange } from '#db/connections.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { lockWaitingSessions } from '#db/renewals.ts';
import { alignAll } from './align-session.ts';
import { connectionNotFound } from './connection-views.ts';
import { actorName, requireAdmin, type Context } from './context.ts';

/**
 * Removes a connection; its sessions stay as a record, and those that wait end as failed: nothing can run on it any
 * more. Throws `not_found`.
 */
export async function removeConnection(ctx: Context, name: string): Promise<void> {
  requireAdmin(ctx);
  const { core, actor } = ctx;
  const waiting = await inTransaction(core.db, async (tx) => {
    const sessions = await lockWaitingSessions(tx, name);
    const connection = await lockConnectionForChange(tx, name);
    if (!connection) throw connectionNotFound(name);
    await deleteConnection(tx, connection.id);
    await notify(tx, { kind: 'changed', topic: 'connections' });
    await audit(tx, { actor: actorName(actor), action: 'connection.delete', subject: `connection:${name}` });
    return sessions;
  });
  await alignAll(core, waiting, actorName(actor));
}
