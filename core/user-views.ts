/** Users as the API shows them; for admins. */
import type { UserView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import type { ListUsersQuery } from '#shared/user-schemas.ts';
import { findUserByEmail, listUsers, type UserRow } from '#db/users.ts';
import { isAdmin, requireAdmin, type Context } from './context.ts';

export function userViewOf(user: UserRow): UserView {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    groups: user.groups,
    admin: isAdmin(user),
    active: user.active,
    hasPassword: user.passwordHash !== null,
    slackId: user.slackId,
    createdAt: user.createdAt.toISOString(),
  };
}

/** By e-mail address; all of them where neither a filter nor a limit is given. */
export async function listUserViews(ctx: Context, query: ListUsersQuery = {}): Promise<UserView[]> {
  requireAdmin(ctx);
  const { active, after, ...filter } = query;
  const users = await listUsers(ctx.core.db, {
    ...filter,
    active: active === undefined ? undefined : active === 'true',
    after: after?.toLowerCase(),
  });
  return users.map(userViewOf);
}

/** Throws `not_found`. */
export async function getUserView(ctx: Context, email: string): Promise<UserView> {
  requireAdmin(ctx);
  const user = await findUserByEmail(ctx.core.db, email.toLowerCase());
  if (!user) throw userNotFound(email);
  return userViewOf(user);
}

export const userNotFound = (email: string): HoopError => new HoopError('not_found', `There is no user ${email}.`);
