/** A token for a program, which acts as its user until it expires or is deleted. */
import { HoopError } from '#shared/errors.ts';
import { tokenLimits, type TokenCreated } from '#shared/token-schemas.ts';
import { countApiTokens, deleteExpiredApiToken, findApiToken, insertApiToken } from '#db/api-tokens.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import { findUser, findUserByEmail, lockAdmins, lockUser, type UserRow } from '#db/users.ts';
import { actorName, adminGroup, isAdmin, requireAdmin, requireSignIn, requireUser, type Context } from './context.ts';
import { newToken } from './passwords.ts';
import { tokenViewOf } from './token-views.ts';
import { userNotFound } from './user-views.ts';

export interface TokenToMake {
  name: string;
  /** E-mail address; admins may name others than themselves. */
  user?: string | undefined;
  /** Seconds. */
  expire: number;
}

/** Throws `not_allowed`, `not_found`, `name_taken`, `invalid_input` for one too many. */
export async function createToken(ctx: Context, input: TokenToMake): Promise<TokenCreated> {
  requireSignIn(ctx);
  const { core } = ctx;
  const actor = requireUser(ctx).user;
  const { token, hash } = newToken('hoop_api');
  const createdAt = core.now();
  const expiresAt = new Date(createdAt.getTime() + input.expire * 1000);
  return inTransaction(core.db, async (tx) => {
    const owner = await ownerOf(ctx, tx, actor, input.user ?? actor.email);
    await deleteExpiredApiToken(tx, owner.id, input.name, createdAt);
    if ((await countApiTokens(tx, owner.id)) >= tokenLimits.perUser) {
      throw new HoopError('invalid_input', `${owner.email} has ${tokenLimits.perUser} tokens; delete one first.`);
    }
    const made = { hash, name: input.name, userId: owner.id, createdBy: actor.id, createdAt, expiresAt };
    const id = await insertApiToken(tx, made);
    const row = id === undefined ? undefined : await findApiToken(tx, id);
    if (!row) {
      throw new HoopError('name_taken', `${owner.email} has a token ${input.name}; choose another name, or delete it.`);
    }
    await notify(tx, { kind: 'changed', topic: 'tokens' });
    await audit(tx, {
      actor: actorName(ctx.actor),
      action: 'token.create',
      subject: `token:${row.id}`,
      details: { name: row.name, user: owner.email, expiresAt: expiresAt.toISOString() },
    });
    return { ...tokenViewOf(ctx, row), token };
  });
}

/** Locked, so that tokens of one person are made one after the other. */
async function ownerOf(ctx: Context, tx: Queryable, actor: UserRow, email: string): Promise<UserRow> {
  if (email !== actor.email) {
    requireAdmin(ctx);
    // who leaves the group just now loses what they made for others, and must not make more meanwhile
    await lockAdmins(tx);
    const now = await findUser(tx, actor.id);
    if (!now || !isAdmin(now)) throw new HoopError('not_allowed', `You are no member of ${adminGroup} any more.`);
  }
  const found = await findUserByEmail(tx, email);
  const owner = found && (await lockUser(tx, found.id));
  if (!owner) throw userNotFound(email);
  if (!owner.active) throw new HoopError('not_allowed', `${email} is deactivated; nothing acts as them.`);
  return owner;
}
