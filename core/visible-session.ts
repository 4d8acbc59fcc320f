/** Who may see a session: who asked, members of the groups that review or may force it, and admins. */
import { HoopError } from '#shared/errors.ts';
import { policySchema } from '#shared/policy-schema.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { isAdmin, requireUser, type Context } from './context.ts';

export type { SessionRow, UserRow };

export function isVisibleTo(session: SessionRow, user: UserRow): boolean {
  if (session.requesterId === user.id || isAdmin(user)) return true;
  const policy = policySchema.safeParse(session.policy);
  if (!policy.success) return false;
  return [...policy.data.groups, ...policy.data.forceApproveGroups].some((group) => user.groups.includes(group));
}

/** Throws `not_found`, too, for a session that the person may not see. */
export async function findVisibleSession(ctx: Context, id: string): Promise<SessionRow> {
  const { user } = requireUser(ctx);
  const session = await findSession(ctx.core.db, id);
  if (session && isVisibleTo(session, user)) return session;
  throw new HoopError('not_found', 'There is no such session, or you may not see it.');
}
