import type { TokenView, TokensQuery } from '#shared/token-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { findApiToken, findApiTokenByName, listApiTokens, type ApiTokenRow } from '#db/api-tokens.ts';
import { findUserByEmail } from '#db/users.ts';
import { isAdmin, requireUser, type Context } from './context.ts';

/** The newest first: of admins all tokens, of others their own. */
export async function listTokenViews(ctx: Context, query: TokensQuery): Promise<TokenView[]> {
  const userId = await ownerToList(ctx, query.user);
  if (userId === undefined) return [];
  const rows = await listApiTokens(ctx.core.db, { userId, before: query.before ?? null, limit: query.limit ?? null });
  return rows.map((row) => tokenViewOf(ctx, row));
}

/** Null: everybody; undefined: nobody whose tokens may be seen. */
async function ownerToList(ctx: Context, email: string | undefined): Promise<string | null | undefined> {
  const { user } = requireUser(ctx);
  if (email === 'me') return user.id;
  if (!isAdmin(user)) return email === undefined || email.toLowerCase() === user.email ? user.id : undefined;
  return email === undefined ? null : (await findUserByEmail(ctx.core.db, email.toLowerCase()))?.id;
}

export async function getTokenView(ctx: Context, key: string): Promise<TokenView> {
  return tokenViewOf(ctx, await findVisibleToken(ctx, key));
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** By its id, or one's own by its name. Throws `not_found`, also for those of others when an admin does not ask. */
export async function findVisibleToken(ctx: Context, key: string): Promise<ApiTokenRow> {
  const { user } = requireUser(ctx);
  const { db } = ctx.core;
  const row = uuid.test(key) ? await findApiToken(db, key) : await findApiTokenByName(db, user.id, key);
  if (row && (row.userId === user.id || isAdmin(user))) return row;
  throw new HoopError('not_found', `You have no token ${key}; those of other people go by their id.`);
}

export function tokenViewOf(ctx: Context, row: ApiTokenRow): TokenView {
  return {
    id: row.id,
    name: row.name,
    user: row.email,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    expired: row.expiresAt <= ctx.core.now(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
