/** What waits for a person to decide, with links to where they can. */
import { consolePaths } from '#shared/api-paths.ts';
import type { SlackWaiting } from '#shared/slack-waiting.ts';
import { listWaitingFor } from '#db/waiting-reviews.ts';
import type { UserRow } from '#db/users.ts';
import type { Core } from './context.ts';
import { envelopeText } from './load-slack-view.ts';
import { slackPermalink } from './slack-permalink.ts';
import { findHomeTeam } from './slack-person.ts';

const shown = 15;

/** `here`: where the person is in Slack; links lead to messages there, where there are some. */
export async function waitingReviews(
  { db, publicUrl, now }: Core,
  user: UserRow,
  here: string | null = null,
): Promise<SlackWaiting> {
  const { rows, total } = await listWaitingFor(db, user, now(), shown, here);
  const team = rows.length > 0 ? await findHomeTeam(db) : undefined;
  return {
    items: rows.map((row) => ({
      connection: row.connectionName,
      requester: { slackId: null, name: row.requesterName, email: row.requesterEmail },
      ...{ what: envelopeText(row.envelope), expiresAt: row.expiresAt },
      url: publicUrl + consolePaths.session(row.sessionId),
      permalink: row.message && slackPermalink(team?.url, row.message),
    })),
    more: total - rows.length,
    reviewsUrl: publicUrl + consolePaths.reviews,
  };
}
