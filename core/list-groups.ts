import type { GroupView } from '#shared/group-schemas.ts';
import { countGroups } from '#db/users.ts';
import { requireAdmin, type Context } from './context.ts';

/** All groups that anybody was ever in, by name. */
export async function listGroupViews(ctx: Context): Promise<GroupView[]> {
  requireAdmin(ctx);
  return countGroups(ctx.core.db);
}
