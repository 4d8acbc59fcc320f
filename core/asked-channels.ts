/** Where reviewers of a pending session are asked in Slack, as the rows of the messages have it. */
import type { AskedChannel } from '#shared/asked-channels.ts';
import type { Queryable } from '#db/pool.ts';
import type { SessionRow } from '#db/sessions.ts';
import { listRefusingChannels } from '#db/slack-channels.ts';
import { listSlackMessages } from '#db/slack-messages.ts';

/** Undefined where nobody is asked in Slack, or not any more. */
export async function askedChannels(db: Queryable, session: SessionRow): Promise<AskedChannel[] | undefined> {
  if (session.state !== 'pending' || session.channelIds.length === 0) return undefined;
  const rows = (await listSlackMessages(db, session.id, null)).filter(({ kind }) => kind === 'review');
  const refusing = rows.length < session.channelIds.length ? await listRefusingChannels(db) : [];
  return session.channelIds.map((id, index) => {
    const row = rows.find(({ channel }) => channel === id);
    // known before anybody has tried it for this session
    const refusal = row ? undefined : refusing.find(({ channel }) => channel === id);
    const error = row?.lastError ?? refusal?.advice ?? null;
    return {
      channel: session.askedIn[index] ?? id,
      posted: row?.ts != null,
      problem: error === null ? null : row?.refusedAt || refusal ? 'refused' : 'unavailable',
      detail: error,
    };
  });
}
