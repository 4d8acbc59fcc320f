import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { deletePlugin } from '#db/plugins.ts';
import { inTransaction } from '#db/pool.ts';
import { actorName, requireAdmin, type Context } from './context.ts';
import { pluginNotFound } from './plugin-views.ts';

/** Forgets a plugin's settings; connections keep their channels for when it is back. Throws `not_found`. */
export async function removePlugin(ctx: Context, name: string): Promise<void> {
  requireAdmin(ctx);
  await inTransaction(ctx.core.db, async (tx) => {
    if (!(await deletePlugin(tx, name))) throw pluginNotFound(name);
    await notify(tx, { kind: 'plugin', name });
    await audit(tx, { actor: actorName(ctx.actor), action: 'plugin.delete', subject: `plugin:${name}` });
  });
}
