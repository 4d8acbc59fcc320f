/** Makes a user, or changes what is named of one. Groups come into being by being named here. */
import type { UserInput, UserView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { deleteApiTokensForOthers } from '#db/api-tokens.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, violatedConstraint, type Queryable } from '#db/pool.ts';
import { endSignInsOf } from '#db/cli-sign-ins.ts';
import { deleteSignInTokensOf, deleteTokensOf } from '#db/tokens.ts';
import {
  bindSlackId,
  countActiveAdmins,
  findSlackIdOwner,
  findUser,
  findUserByEmail,
  insertUser,
  lockAdmins,
  lockUser,
  setUserGroups,
  unbindSlackId,
  updateUser,
  type UserRow,
} from '#db/users.ts';
import { alignApprovedBy } from './align-session.ts';
import { actorName, adminGroup, closedBy, isAdmin, requireAdmin, requireSignIn, type Context } from './context.ts';
import { endSessionsOf } from './end-sessions-of.ts';
import { hashPassword } from './passwords.ts';
import { userViewOf } from './user-views.ts';

export type UserToSave = Omit<UserInput, 'overwrite'> & {
  overwrite?: boolean;
  sandbox?: boolean;
  /** Where the Slack id counts; left out, in the workspace it is first used in. */
  slackTeamId?: string;
};

/** Throws `name_taken` (there is such a user and `overwrite` is not set), `not_allowed`, `slack_id_taken`, `last_admin`. */
export async function saveUser(ctx: Context, input: UserToSave): Promise<{ view: UserView; created: boolean }> {
  requireAdmin(ctx);
  const passwordHash = input.password === undefined ? undefined : await hashPassword(input.password);
  try {
    const saved = await inTransaction(ctx.core.db, async (tx) => {
      await lockAdmins(tx);
      const { id, created } = await findOrInsert(tx, input);
      const before = created ? undefined : await lockUser(tx, id);
      if (givesPower(input, before)) requireSignIn(ctx);
      if (before) await refuseLastAdmin(tx, before, input);
      const { name, active, sandbox } = input;
      await updateUser(tx, id, { name, passwordHash, active, sandbox, closedBy: closedBy(ctx.actor) });
      if (input.groups) await setUserGroups(tx, id, [...new Set(input.groups)]);
      if (input.slackId === null) await unbindSlackId(tx, id);
      if (input.slackId) await bind(tx, id, input.slackId, input.slackTeamId ?? null);
      const ended = before ? await endTokens(ctx, tx, before, { input, passwordHash }) : 0;
      const user = await findUser(tx, id);
      if (!user) throw new Error(`user ${id} was written and is not there`);
      await notify(tx, { kind: 'changed', topic: 'users' });
      await audit(tx, {
        actor: actorName(ctx.actor),
        action: created ? 'user.create' : 'user.change',
        subject: `user:${user.email}`,
        details: {
          changed: Object.keys(input).filter((key) => !['email', 'overwrite'].includes(key)),
          groups: user.groups,
          active: user.active,
          slackId: user.slackId,
          ...(ended > 0 && { tokensForOthersEnded: ended }),
        },
      });
      return { view: userViewOf(user), created };
    });
    // what they approved and has not run yet may count no more, or again
    if (input.groups || input.active !== undefined) await alignApprovedBy(ctx.core, saved.view.id);
    if (input.active === false && !saved.created) await endSessionsOf(ctx, saved.view);
    return saved;
  } catch (error) {
    // Two admins gave the same Slack id at the same moment.
    if (violatedConstraint(error) === 'slack_identities_pkey') throw slackIdTaken(input.slackId ?? '', 'another user');
    throw error;
  }
}

async function findOrInsert(tx: Queryable, input: UserToSave): Promise<{ id: string; created: boolean }> {
  const name = input.name ?? input.email.split('@')[0] ?? input.email;
  const inserted = await insertUser(tx, input.email, name);
  if (inserted !== undefined) return { id: inserted, created: true };
  const user = await findUserByEmail(tx, input.email);
  if (!user) throw new Error(`user ${input.email} is neither there nor can it be made`);
  if (wasDeleted(user)) {
    await updateUser(tx, user.id, { name, active: true });
    return { id: user.id, created: true };
  }
  if (input.overwrite) return { id: user.id, created: false };
  const known = user.active ? 'a user' : 'a deactivated user';
  throw new HoopError('name_taken', `There is ${known} ${input.email} already; --overwrite changes it.`);
}

/** As `removeUser` leaves those whom sessions name; one who was only deactivated keeps groups or password. */
function wasDeleted(user: UserRow): boolean {
  return !user.active && !user.sandbox && user.groups.length === 0 && user.passwordHash === null;
}

/** Whether somebody gets a way to act that they did not have, which would outlive what it was given with. */
function givesPower(input: UserToSave, before: UserRow | undefined): boolean {
  if (input.password !== undefined) return true;
  if (input.slackId && input.slackId !== before?.slackId) return true;
  if (input.groups?.includes(adminGroup) && !before?.groups.includes(adminGroup)) return true;
  return input.active === true && before?.active === false;
}

async function refuseLastAdmin(tx: Queryable, user: UserRow, input: UserToSave): Promise<void> {
  const staysAdmin = input.active !== false && (input.groups?.includes(adminGroup) ?? true);
  if (isAdmin(user) && !staysAdmin && (await countActiveAdmins(tx, user.id)) === 0) throw lastAdmin(user.email);
}

export function lastAdmin(email: string): HoopError {
  return new HoopError(
    'last_admin',
    `${email} is the last active member of ${adminGroup} who can sign in; give another one of that group a password first.`,
  );
}

async function bind(tx: Queryable, userId: string, slackId: string, teamId: string | null): Promise<void> {
  const owner = await findSlackIdOwner(tx, slackId);
  if (owner && owner.id !== userId) throw slackIdTaken(slackId, owner.email);
  await bindSlackId(tx, userId, slackId, teamId);
}

function slackIdTaken(slackId: string, owner: string): HoopError {
  return new HoopError('slack_id_taken', `${slackId} belongs to ${owner}; a Slack id belongs to one user.`);
}

/**
 * Another password ends every sign-in with the one before, but for the one it is changed from. API tokens are listed
 * and ended by themselves; who is deactivated loses them too. Who is no admin any more loses those made for others, of
 * which they may have a copy. Gives how many these were.
 */
async function endTokens(
  { actor }: Context,
  tx: Queryable,
  user: UserRow,
  { input, passwordHash }: { input: UserToSave; passwordHash: string | undefined },
): Promise<number> {
  const deactivated = input.active === false;
  const leavesAdmin = input.groups !== undefined && !input.groups.includes(adminGroup);
  if (deactivated) await deleteTokensOf(tx, user.id);
  if (passwordHash !== undefined) {
    const own = actor.kind === 'user' && actor.user.id === user.id ? (actor.token?.hash ?? null) : null;
    await deleteSignInTokensOf(tx, user.id, own);
  }
  const ended = deactivated || leavesAdmin ? await deleteApiTokensForOthers(tx, user.id) : 0;
  if (deactivated || passwordHash !== undefined) await endSignInsOf(tx, user.id);
  else if (ended === 0) return 0;
  await notify(tx, { kind: 'changed', topic: 'tokens' });
  return ended;
}
