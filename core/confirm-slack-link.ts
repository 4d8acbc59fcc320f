/** The person who is signed in takes the Slack account behind a link for theirs. */
import type { SlackLinkView } from '#shared/slack-link-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { audit } from '#db/audit.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, violatedConstraint } from '#db/pool.ts';
import { lockSlackLink, useSlackLink } from '#db/slack-links.ts';
import { bindSlackId, lockUser } from '#db/users.ts';
import { actorName, requireSignIn, requireUser, type Context } from './context.ts';
import { checkedLink, refuseClosed, viewOf } from './open-slack-link.ts';
import { readLinkToken } from './slack-link-token.ts';

export interface ConfirmedLink {
  view: SlackLinkView;
  /** Slack id that counted for this person until now. */
  previous: string | null;
}

/**
 * Binds, consumes the link and writes it down, in one transaction. Throws `not_allowed`, `slack_link_unknown`,
 * `slack_link_expired`, `slack_link_used`, and `slack_id_taken`, which leaves the link as it was.
 */
export async function confirmSlackLink(ctx: Context, token: string): Promise<ConfirmedLink> {
  // whoever is in the Slack account decides as this person from then on
  requireSignIn(ctx);
  const { core } = ctx;
  const { user, via } = requireUser(ctx);
  const { id, mac } = readLinkToken(token);
  try {
    return await inTransaction(core.db, async (tx) => {
      await lockUser(tx, user.id);
      const link = await checkedLink(core, tx, await lockSlackLink(tx, id), mac);
      refuseClosed(core, link);
      const before = await viewOf(tx, link, user);
      if (before.state === 'taken') throw slackIdTaken(before.takenBy);
      await bindSlackId(tx, user.id, link.slackId, link.teamId);
      await useSlackLink(tx, id, user.id, core.now());
      await notify(tx, { kind: 'changed', topic: 'users' });
      const previous = before.replaces;
      await audit(tx, {
        actor: actorName(ctx.actor),
        action: 'user.bind_slack',
        subject: `user:${user.email}`,
        details: { slackId: link.slackId, teamId: link.teamId, link: id, previous, via },
      });
      return { view: { ...before, state: 'bound', replaces: null }, previous };
    });
  } catch (error) {
    // An admin gave the same Slack id to somebody at the same moment.
    if (violatedConstraint(error) === 'slack_identities_pkey') throw slackIdTaken(null);
    throw error;
  }
}

function slackIdTaken(by: string | null): HoopError {
  return new HoopError(
    'slack_id_taken',
    `This Slack account belongs to another hoop user${by === null ? '' : `, ${by}`}. If it is yours, type ` +
      '/hoop unsubscribe in Slack, then /hoop subscribe again; else ask an admin.',
  );
}
