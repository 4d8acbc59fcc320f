/** The message with the buttons, and copies of it, brought up to date. */
import { sha256Hex } from '#shared/digest.ts';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { notify } from '#db/notices.ts';
import { doubtSlackMessage, forgetSlackCopy, saveSlackMessage, type SlackMessageRow } from '#db/slack-messages.ts';
import { plainReviewMessage } from '#slack/blocks/plain-review-message.ts';
import { reviewMessage } from '#slack/blocks/review-message.ts';
import type { Message } from '#slack/blocks/text.ts';
import { SlackCallError } from './paced-slack.ts';
import { isAboutContent } from './refusal.ts';
import type { Target } from './sync-slack-message.ts';

/** Answers to `chat.update` after which only a new message helps: deleted, or posted with the tokens of another app. */
const gone = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

/** Somebody asked or decided so shortly ago and may be looking on: later changes and notes can wait. */
const freshMs = 60_000;
const isFresh = ({ createdAt, decisions }: SlackSessionView): boolean =>
  [createdAt, ...decisions.map(({ at }) => at)].some((at) => Date.now() - at.getTime() < freshMs);

export interface ShownReview {
  ts: string;
  /** False: somebody wrote a newer state at the same time, and only one more look tells which one stayed. */
  known: boolean;
}

export async function showReview(
  target: Target,
  view: SlackSessionView,
  rows: SlackMessageRow[],
): Promise<ShownReview> {
  const row = rows.find(({ kind }) => kind === 'review');
  const message = reviewMessage(view);
  const contentHash = sha256Hex(JSON.stringify(message));
  const isCurrent = (shown: SlackMessageRow) =>
    shown.contentHash !== null && (shown.contentHash === contentHash || shown.revision > view.revision);
  const saved = (ts: string) => saveReview(target, view, 'review', ts, contentHash);
  const who = `${view.id} ${target.channel}`;
  let ts = row?.ts ?? null;
  let known = true;
  if (ts === null || !row || !isCurrent(row)) {
    ts = await write(target, who, ts, message, view);
    ({ known } = await saved(ts));
    // whoever waits hears that reviewers are asked there
    if (!row?.ts || row.lastError !== null) await notify(target.deps.db, { kind: 'state', id: view.id });
  }
  for (const copy of rows) {
    if (copy.kind !== 'copy' || copy.ts === null || isCurrent(copy)) continue;
    if (await rewrite(target, `${who} ${copy.ts}`, copy.ts, message, view)) {
      const written = await saveReview(target, view, 'copy', copy.ts, contentHash);
      known &&= written.known;
    } else await forgetSlackCopy(target.deps.db, view.id, target.channel, copy.ts);
  }
  return { ts, known };
}

function saveReview(
  { deps, slack: { teamId }, channel }: Target,
  view: SlackSessionView,
  kind: 'review' | 'copy',
  ts: string,
  contentHash: string,
): Promise<{ known: boolean }> {
  const keys = kind === 'copy' ? [ts] : [''];
  const { id: sessionId, revision } = view;
  return saveSlackMessage(deps.db, { sessionId, channel, kind, keys, ts, contentHash, revision, teamId });
}

async function write(
  target: Target,
  who: string,
  ts: string | null,
  message: Message,
  view: SlackSessionView,
): Promise<string> {
  if (ts !== null && (await rewrite(target, who, ts, message, view))) return ts;
  const { slack, channel } = target;
  return plainerWhenRefused(target, message, view, (content, as) =>
    slack.post(`${as}review ${who}`, 'channels', channel, content, undefined, isFresh(view)),
  );
}

/** False: there is no such message any more. */
async function rewrite(
  target: Target,
  who: string,
  ts: string,
  message: Message,
  view: SlackSessionView,
): Promise<boolean> {
  const { deps, slack, channel } = target;
  try {
    const fresh = isFresh(view);
    await plainerWhenRefused(target, message, view, (content, as) =>
      slack.update(as + who, channel, ts, content, fresh),
    );
    return true;
  } catch (error) {
    const failure = error instanceof SlackCallError ? error.failure : undefined;
    if (failure?.kind === 'refused' && gone.has(failure.code)) return false;
    if (failure?.kind === 'unavailable') await doubtSlackMessage(deps.db, channel, ts);
    throw error;
  }
}

/** What Slack finds wrong with a message is hoop's fault: reviewers get a plain one rather than none. */
async function plainerWhenRefused<T>(
  { deps, channel }: Target,
  message: Message,
  view: SlackSessionView,
  send: (message: Message, as: string) => Promise<T>,
): Promise<T> {
  try {
    return await send(message, '');
  } catch (error) {
    const failure = error instanceof SlackCallError ? error.failure : undefined;
    if (failure?.kind !== 'refused' || !isAboutContent(failure.code)) throw error;
    deps.log.error({ sessionId: view.id, channel, code: failure.code }, 'Slack refuses the blocks of a message');
    return send(plainReviewMessage(view), 'plain ');
  }
}
