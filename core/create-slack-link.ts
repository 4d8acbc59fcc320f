/** `/hoop subscribe`: a link that works once, soon, and for the Slack account that asked. */
import { randomUUID } from 'node:crypto';
import { consolePaths } from '#shared/api-paths.ts';
import { HoopError } from '#shared/errors.ts';
import { audit } from '#db/audit.ts';
import { inTransaction } from '#db/pool.ts';
import { countSlackLinks, deleteSlackLinksBefore, insertSlackLink, lockSlackPerson } from '#db/slack-links.ts';
import type { Core } from './context.ts';
import type { SlackIdentity } from './resolve-slack-user.ts';
import { linkToken } from './slack-link-token.ts';

export const slackLinkLimits = { minutes: 10, perWindow: 5 } as const;

const keptMs = 86_400_000;

/** The person's earlier links end with it. Throws `too_many_attempts`. */
export async function createSlackLink(
  core: Core,
  { userId: slackId, teamId }: SlackIdentity,
  slackName: string,
): Promise<{ url: string; expiresAt: Date }> {
  const now = core.now();
  const windowMs = slackLinkLimits.minutes * 60_000;
  const link = { id: randomUUID(), slackId, teamId, slackName: slackName.slice(0, 100), createdAt: now };
  const expiresAt = new Date(now.getTime() + windowMs);
  await inTransaction(core.db, async (tx) => {
    await lockSlackPerson(tx, slackId, teamId);
    const lately = await countSlackLinks(tx, slackId, teamId, new Date(now.getTime() - windowMs));
    if (lately >= slackLinkLimits.perWindow) throw tooMany();
    await deleteSlackLinksBefore(tx, new Date(now.getTime() - keptMs));
    await insertSlackLink(tx, { ...link, expiresAt });
    await audit(tx, {
      actor: `slack:${teamId}/${slackId}`,
      action: 'slack_link.create',
      subject: `slack_link:${link.id}`,
      details: { slackId, teamId, expiresAt: expiresAt.toISOString() },
    });
  });
  const token = linkToken(core.sealer, { ...link, expiresAt });
  return { url: `${core.publicUrl}${consolePaths.subscribe}#${token}`, expiresAt };
}

const tooMany = (): HoopError =>
  new HoopError(
    'too_many_attempts',
    `You asked for ${slackLinkLimits.perWindow} links within ${slackLinkLimits.minutes} minutes. ` +
      'Open the newest of them, or wait a few minutes and ask again.',
  );
