/** Notes in the thread of a review: decisions and the run while they are news, at the end the outcome. */
import { sha256Hex } from '#shared/digest.ts';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { saveSlackMessage, type SlackMessageKind, type SlackMessageRow } from '#db/slack-messages.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { changeText } from '#slack/blocks/phrases.ts';
import { progressMessage } from '#slack/blocks/progress-message.ts';
import type { Message } from '#slack/blocks/text.ts';
import type { Target } from './sync-slack-message.ts';

/** Key of the note that the command runs; those of decisions are their ids. */
const running = 'running';

/** Each note comes once. What happened between two looks is told in one; what the outcome tells needs none. */
export async function showThread(
  target: Target,
  view: SlackSessionView,
  rows: SlackMessageRow[],
  threadTs: string,
): Promise<void> {
  if (view.endedAt) {
    if (rows.some(({ kind, ts }) => kind === 'outcome' && ts !== null)) return;
    return note(target, view, threadTs, 'outcome', [''], outcomeMessage(view));
  }
  const told = new Set(rows.filter(({ kind }) => kind === 'progress').map(({ key }) => key));
  const decisions = view.decisions.filter(({ id, verdict }) => verdict === 'approve' && !told.has(id));
  const runs = view.state === 'running' && !told.has(running);
  const others = newsOf(view).filter(({ key }) => !told.has(key));
  if (decisions.length === 0 && others.length === 0 && !runs) return;
  const keys = [...decisions.map(({ id }) => id), ...others.map(({ key }) => key), ...(runs ? [running] : [])];
  const texts = others.map(({ text }) => text);
  await note(target, view, threadTs, 'progress', keys, progressMessage(view, decisions, texts));
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

async function note(
  { deps, slack, channel }: Target,
  view: SlackSessionView,
  threadTs: string,
  kind: SlackMessageKind,
  keys: string[],
  message: Message,
): Promise<void> {
  const { id: sessionId, revision } = view;
  const ts = await slack.post(`${kind} ${sessionId} ${channel}`, 'channels', channel, message, threadTs);
  const contentHash = sha256Hex(JSON.stringify(message));
  await saveSlackMessage(deps.db, { sessionId, channel, kind, keys, ts, contentHash, revision, teamId: slack.teamId });
}
