/** What the page behind a link shows before anything is confirmed; looking consumes nothing. */
import type { SlackLinkView } from '#shared/slack-link-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import type { Queryable } from '#db/pool.ts';
import { findSlackLink, type SlackLinkRow } from '#db/slack-links.ts';
import { findSlackIdOwner, findUser, type UserRow } from '#db/users.ts';
import { requireUser, type Context, type Core } from './context.ts';
import { isLinkToken, linkUnknown, readLinkToken } from './slack-link-token.ts';
import { findHomeTeam } from './slack-person.ts';

/** Throws `slack_link_unknown`, `slack_link_expired`, `slack_link_used`. */
export async function openSlackLink(ctx: Context, token: string): Promise<SlackLinkView> {
  const { user } = requireUser(ctx);
  const { id, mac } = readLinkToken(token);
  const link = await checkedLink(ctx.core, ctx.core.db, await findSlackLink(ctx.core.db, id), mac);
  const view = await viewOf(ctx.core.db, link, user);
  // whoever confirmed it and reloads the page is told how things are
  if (view.state !== 'bound' || (link.usedBy !== null && link.usedBy !== user.id)) refuseClosed(ctx.core, link);
  return view;
}

export interface CheckedLink extends SlackLinkRow {
  teamName: string;
}

/** The link as this installation made it, for the workspace hoop is in now. Throws `slack_link_unknown`. */
export async function checkedLink(
  { sealer }: Pick<Core, 'sealer'>,
  db: Queryable,
  link: SlackLinkRow | undefined,
  mac: Buffer,
): Promise<CheckedLink> {
  if (!link || !isLinkToken(sealer, link, mac)) throw linkUnknown();
  const team = await findHomeTeam(db);
  if (team?.id === link.teamId) return { ...link, teamName: team.name };
  throw new HoopError(
    'slack_link_unknown',
    'This link is of a Slack workspace that hoop is not installed in any more. Type /hoop subscribe where it is now.',
  );
}

/** Throws `slack_link_used`, `slack_link_expired`. */
export function refuseClosed(core: Pick<Core, 'now'>, link: SlackLinkRow): void {
  if (link.usedAt !== null) {
    throw new HoopError(
      'slack_link_used',
      'This link was confirmed before, and it works once. /hoop status in Slack says who you are in hoop.',
    );
  }
  if (link.replacedAt !== null) {
    throw new HoopError('slack_link_expired', 'A newer link took the place of this one; open the newest.');
  }
  if (link.expiresAt <= core.now()) {
    throw new HoopError(
      'slack_link_expired',
      'This link was good for 10 minutes, and they are over. Type /hoop subscribe in Slack for a new one.',
    );
  }
}

export async function viewOf(db: Queryable, link: CheckedLink, { id }: UserRow): Promise<SlackLinkView> {
  const user = await findUser(db, id);
  if (!user?.active) throw new HoopError('not_signed_in', 'Your hoop account is not active any more; ask an admin.');
  const owner = await findSlackIdOwner(db, link.slackId);
  const mine = owner?.id === user.id && (user.slackTeamId === null || user.slackTeamId === link.teamId);
  const taken = owner && owner.id !== user.id;
  return {
    state: mine ? 'bound' : taken ? 'taken' : 'open',
    slack: { id: link.slackId, name: link.slackName, team: link.teamName },
    email: user.email,
    replaces: mine ? null : user.slackId,
    takenBy: taken ? maskEmail(owner.email) : null,
    expiresAt: link.expiresAt.toISOString(),
  };
}

/** Enough to recognise one's own other address: `a…@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return `${[...email][0] ?? ''}…${email.slice(at)}`;
}
