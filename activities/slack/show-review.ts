/** The message with the buttons, and copies of it, brought up to date. */
import { sha256Hex } from '#shared/digest.ts';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { notify } from '#db/notices.ts';
import { noteChannelSuccess } from '#db/slack-channels.ts';
import { deleteSlackCopy, listSlackCopies, saveSlackCopy, type SlackCopyRow } from '#db/slack-copies.ts';
import { doubtSlackMessage, saveSlackMessage, type SlackMessageRow } from '#db/slack-messages.ts';
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
  const { deps, slack, channel } = target;
  const row = rows.find(({ kind }) => kind === 'review');
  const message = reviewMessage(view);
  const contentHash = sha256Hex(JSON.stringify(message));
  const { id: sessionId, revision } = view;
  const isCurrent = (shown: SlackMessageRow | SlackCopyRow) =>
    shown.contentHash !== null && (shown.contentHash === contentHash || shown.revision > revision);
  const who = `${sessionId} ${channel}`;
  let ts = row?.ts ?? null;
  let known = true;
  if (ts === null || !row || !isCurrent(row)) {
    ts = await write(target, who, ts, message, view);
    ({ known } = await saveSlackMessage(deps.db, { sessionId, channel, kind: 'review', ts, contentHash, revision }));
    await noteChannelSuccess(deps.db, { teamId: slack.teamId, channel, sessionId });
    if (row?.lastError) await notify(deps.db, { kind: 'changed', topic: 'plugins' });
    // whoever waits hears that reviewers are asked there
    if (!row?.ts || row.lastError !== null) await notify(deps.db, { kind: 'state', id: sessionId });
  }
  for (const copy of await listSlackCopies(deps.db, sessionId, channel)) {
    if (isCurrent(copy)) continue;
    if (await rewrite(target, `${who} ${copy.ts}`, copy.ts, message, view)) {
      const written = await saveSlackCopy(deps.db, { channel, ts: copy.ts, contentHash, revision });
      known &&= written.known;
    } else await deleteSlackCopy(deps.db, channel, copy.ts);
  }
  return { ts, known };
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
