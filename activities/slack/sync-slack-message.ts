import { HoopError } from '#shared/errors.ts';
import { notify } from '#db/notices.ts';
import { claimTry, noteChannelRefusal } from '#db/slack-channels.ts';
import { listSlackMessages, saveSlackFailure, type SlackMessageRow } from '#db/slack-messages.ts';
import { findSession } from '#db/sessions.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import type { SlackActivities } from '../types.ts';
import type { SlackActivityDeps } from './deps.ts';
import { PacedSlack, SlackCallError, type Refused } from './paced-slack.ts';
import { adviceOn, firstTryMs, isAboutApp, longestAppWaitMs, longestWaitMs, triedAfterEndMs } from './refusal.ts';
import { showReview } from './show-review.ts';
import { showThread } from './show-thread.ts';
import { tryAgainIn, tryAgainLater } from './try-again.ts';
import { usableTokens } from './usable-tokens.ts';

/** An attempt makes no new call after this: its activity has 30 s, and a call may take 10. */
const attemptMs = 15_000;
/** Slack mostly answers whether it goes on refusing within this. */
const tryMs = 5_000;

/** One channel, asked by one session. */
export interface Target {
  deps: SlackActivityDeps;
  slack: PacedSlack;
  sessionId: string;
  channel: string;
}

/**
 * Makes one channel show the session as its rows are now; nothing is sent when it does already. `settled`: nothing
 * more will come, as the session has ended and says so there, or Slack went on refusing long after the end.
 * Another process may do the same at the same time: whoever posted looks again whether that was still the latest.
 * Throws what Temporal tries again: a turn not yet come, Slack away, a refusal that an admin may repair.
 */
export function syncSlackMessage(deps: SlackActivityDeps): SlackActivities['syncSlackMessage'] {
  return async ({ sessionId, channel }) => {
    const tokens = await usableTokens(deps);
    if (typeof tokens === 'string') return unconfigured({ deps, sessionId, channel }, tokens);
    const target = { deps, slack: new PacedSlack(deps.db, tokens, deps.log), sessionId, channel };
    try {
      const rows = await listSlackMessages(deps.db, sessionId, channel);
      await waitWhileRefused(target, rows);
      return await bringUpToDate(target, rows);
    } catch (error) {
      if (error instanceof HoopError) return unreadable(target, error);
      if (!(error instanceof SlackCallError)) throw error;
      if (error.failure.kind === 'refused') return refused(target, error.failure);
      await saveFailure(target, error.failure.message, false);
      throw await tryAgainLater(deps.db, `message ${sessionId} ${channel}`, error);
    }
  };
}

/** An admin who takes tokens away and sets them again finds no old state in a message that was posted before. */
async function unconfigured(
  target: Pick<Target, 'deps' | 'sessionId' | 'channel'>,
  problem: string,
): Promise<{ revision: number; settled: boolean }> {
  await saveFailure(target, problem, true);
  const session = await findSession(target.deps.db, target.sessionId);
  if (session && !isOver(session.endedAt)) throw tryAgainIn(longestAppWaitMs, 'SlackRefused', problem);
  return { revision: 0, settled: true };
}

async function bringUpToDate(
  target: Target,
  rowsNow: SlackMessageRow[],
): Promise<{ revision: number; settled: boolean }> {
  const { deps, sessionId, channel } = target;
  const deadline = Date.now() + attemptMs;
  let rows = rowsNow;
  for (;;) {
    const view = await loadSlackView(deps.db, deps.publicUrl, sessionId);
    const { ts, known } = await showReview(target, view, rows);
    const session = await findSession(deps.db, sessionId);
    if (known && session?.revision === view.revision) {
      await showThread(target, view, rows, ts);
      return { revision: view.revision, settled: view.endedAt !== null };
    }
    if (Date.now() > deadline) throw tryAgainIn(1, 'SlackOvertaken', 'the session changed meanwhile');
    rows = await listSlackMessages(deps.db, sessionId, channel);
  }
}

/**
 * Many sessions may wait for one channel: while it refuses, one of them tries, and the others take no turns. A message
 * that was never refused is tried at once, so is one whose session ended meanwhile.
 */
async function waitWhileRefused({ deps, slack, sessionId, channel }: Target, rows: SlackMessageRow[]): Promise<void> {
  const row = rows.find(({ kind }) => kind === 'review');
  if (!row?.refusedAt) return;
  const endedAt = (await findSession(deps.db, sessionId))?.endedAt ?? null;
  if ((endedAt && row.refusedAt < endedAt) || isOver(endedAt)) return;
  const { teamId, pluginVersion } = slack;
  const waitMs = await claimTry(deps.db, { teamId, channel, sessionId, pluginVersion }, tryMs);
  if (waitMs > 0) throw tryAgainIn(waitMs, 'SlackRefused', 'one session tries a channel that refuses');
}

async function refused(target: Target, failure: Refused): Promise<{ revision: number; settled: boolean }> {
  const { deps, slack, sessionId, channel } = target;
  const { code } = failure;
  const session = await findSession(deps.db, sessionId);
  const name = session?.askedIn[session.channelIds.indexOf(channel)] ?? channel;
  const advice = adviceOn(code, failure.message, name);
  deps.log.warn({ sessionId, channel, name, code, advice }, 'slack message refused');
  const { teamId, pluginVersion } = slack;
  const longest = isAboutApp(code) ? longestAppWaitMs : longestWaitMs;
  const refusal = { teamId, channel, name, code, advice, pluginVersion };
  const waitMs = await noteChannelRefusal(deps.db, refusal, firstTryMs, longest);
  await notify(deps.db, { kind: 'changed', topic: 'plugins' });
  await saveFailure(target, advice, true);
  if (session && !isOver(session.endedAt)) throw tryAgainIn(waitMs, 'SlackRefused', code);
  return { revision: session?.revision ?? 0, settled: true };
}

/** The session cannot be shown at all, e.g. as its policy is unreadable. */
async function unreadable(target: Target, error: HoopError): Promise<{ revision: number; settled: boolean }> {
  const { deps, sessionId, channel } = target;
  deps.log.warn({ sessionId, channel, code: error.code }, 'slack message not made');
  if (error.code !== 'not_found') await saveFailure(target, error.message, true);
  return { revision: 0, settled: true };
}

async function saveFailure(
  { deps, sessionId, channel }: Pick<Target, 'deps' | 'sessionId' | 'channel'>,
  error: string,
  isRefused: boolean,
): Promise<void> {
  const news = await saveSlackFailure(deps.db, { sessionId, channel, error, refused: isRefused });
  // whoever waits is told that nobody was asked there
  if (news) await notify(deps.db, { kind: 'state', id: sessionId });
}

const isOver = (endedAt: Date | null): boolean => endedAt !== null && Date.now() - endedAt.getTime() > triedAfterEndMs;
