/** Messages in Slack that no row knows. */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { findSlackMessage, saveSlackMessage } from '#db/slack-messages.ts';
import type { Core } from './context.ts';
import { loadSlackView } from './load-slack-view.ts';

/** Gives what a copy has to show, or null for a message that is kept current anyway. */
export async function adoptSlackCopy(
  core: Core,
  copy: { sessionId: string; channel: string; ts: string },
): Promise<SlackSessionView | null> {
  const known = await findSlackMessage(core.db, copy.sessionId, copy.channel, 'review');
  if (known?.ts === copy.ts) return null;
  const view = await loadSlackView(core.db, core.publicUrl, copy.sessionId);
  // revision 0: the next change is written to it, whatever it shows by then
  if (!known?.ts) await saveSlackMessage(core.db, { ...copy, kind: 'review', contentHash: '', revision: 0 });
  return view;
}
