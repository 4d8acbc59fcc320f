/** Notes in the thread of a review: decisions and the run while they are news, at the end the outcome. */
import { sha256Hex } from '#shared/digest.ts';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { noteChannelSuccess } from '#db/slack-channels.ts';
import { saveSlackMessage, type SlackMessageRow } from '#db/slack-messages.ts';
import { listThreadNotes, saveThreadNotes } from '#db/slack-thread-notes.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { changeText } from '#slack/blocks/phrases.ts';
import { progressMessage } from '#slack/blocks/progress-message.ts';
import type { Message } from '#slack/blocks/text.ts';
import type { Target } from './sync-slack-message.ts';

/**
 * Key of the note that the command runs, or that the grant is active until a time, which an extension moves; those of
 * decisions are their ids.
 */
function begunKey({ state, grant }: SlackSessionView): string | null {
  if (state === 'running') return 'running';
  return state === 'active' && grant?.activeUntil ? active + grant.activeUntil.toISOString() : null;
}
const active = 'active until ';

/** Each note comes once. What happened between two looks is told in one; what the outcome tells needs none. */
export async function showThread(
  target: Target,
  view: SlackSessionView,
  rows: SlackMessageRow[],
  threadTs: string,
): Promise<void> {
  const { deps, sessionId, channel } = target;
  if (view.endedAt) {
    if (rows.some(({ kind, ts }) => kind === 'outcome' && ts !== null)) return;
    const told = new Set(await listThreadNotes(deps.db, sessionId, channel));
    const message = outcomeMessage(view, told);
    const saved = { sessionId, channel, contentHash: sha256Hex(JSON.stringify(message)), revision: view.revision };
    return reply(target, threadTs, 'outcome', message, (ts) =>
      saveSlackMessage(deps.db, { ...saved, kind: 'outcome', ts }),
    );
  }
  const told = new Set(await listThreadNotes(deps.db, sessionId, channel));
  const decisions = view.decisions.filter(({ id, verdict }) => verdict === 'approve' && !told.has(id));
  const begun = begunKey(view);
  const begins = begun !== null && !told.has(begun) ? [begun] : [];
  const others = newsOf(view).filter(({ key }) => !told.has(key));
  if (decisions.length === 0 && others.length === 0 && begins.length === 0) return;
  const keys = [...decisions.map(({ id }) => id), ...others.map(({ key }) => key), ...begins];
  const isLonger = begins.length > 0 && [...told].some((key) => key.startsWith(active));
  const texts = [...others.map(({ text }) => text), ...(isLonger ? ['The grant was extended.'] : [])];
  await reply(target, threadTs, 'progress', progressMessage(view, decisions, texts), (ts) =>
    saveThreadNotes(deps.db, { sessionId, channel, keys, ts }),
  );
}

/** What is neither a decision nor the run. */
function newsOf(view: SlackSessionView): { key: string; text: string }[] {
  const change = changeText(view);
  const lapsed = view.lapsed.map(({ by }) => by.email).join(' ');
  const key = lapsed === '' ? `changed ${view.envelopeVersion}` : `lapsed ${sha256Hex(lapsed).slice(0, 16)}`;
  const changes = change === null ? [] : [{ key, text: change }];
  const reminds = view.remindedAt !== null && view.state === 'pending';
  return reminds ? [...changes, { key: 'reminder', text: 'It expires soon and still waits for approval.' }] : changes;
}

async function reply(
  { deps, slack, sessionId, channel }: Target,
  threadTs: string,
  kind: 'progress' | 'outcome',
  message: Message,
  save: (ts: string) => Promise<unknown>,
): Promise<void> {
  const ts = await slack.post(`${kind} ${sessionId} ${channel}`, 'channels', channel, message, threadTs);
  await save(ts);
  await noteChannelSuccess(deps.db, { teamId: slack.teamId, channel, sessionId });
}
