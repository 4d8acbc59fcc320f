/** Messages in Slack that no row knows. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { findSession } from '#db/sessions.ts';
import { insertSlackCopy } from '#db/slack-copies.ts';
import { findSlackMessage, saveSlackMessage } from '#db/slack-messages.ts';
import type { Core } from './context.ts';
import { loadSlackView } from './load-slack-view.ts';

/**
 * Gives what a copy has to show, or null for a message that is kept current anyway. In a channel that is asked it
 * becomes the session's message, or one more of them; elsewhere, as in a direct message, it is only rewritten.
 */
export async function adoptSlackCopy(
  core: Core,
  copy: { sessionId: string; channel: string; ts: string },
): Promise<SlackSessionView | null> {
  const { sessionId, channel, ts } = copy;
  const known = await findSlackMessage(core.db, sessionId, channel, 'review');
  if (known?.ts === ts) return null;
  const view = await loadSlackView(core.db, core.publicUrl, sessionId);
  const isAsked = (await findSession(core.db, sessionId))?.channelIds.includes(channel) === true;
  if (isAsked && known?.ts) await insertSlackCopy(core.db, sessionId, channel, ts);
  // revision 0: the next change is written to it, whatever it shows by then
  else if (isAsked) await saveSlackMessage(core.db, { ...copy, kind: 'review', contentHash: '', revision: 0 });
  return view;
}
