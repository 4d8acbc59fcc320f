/**
 * Tells subscribed reviewers in private that they are asked, or are asked still, one by one at Slack's pace, while it is
 * true; and once it is not, there, what became of the request.
 */
import type { SlackSessionView } from '#shared/slack-view.ts';
import { nextReviewerToAsk, type AskedReviewer } from '#db/slack-direct-messages.ts';
import { listSlackMessages } from '#db/slack-messages.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import { slackPermalink } from '#core/slack-permalink.ts';
import { askedMessage } from '#slack/blocks/asked-message.ts';
import { closeAsks } from './close-asks.ts';
import type { SlackActivityDeps } from './deps.ts';
import { deliver } from './direct-delivery.ts';
import { SlackCallError, type PacedSlack } from './paced-slack.ts';
import { tryAgainIn } from './try-again.ts';

/** An attempt begins no further message after this. */
const attemptMs = 15_000;
/** So many people in a row without an answer: Slack is away, and nobody else is tried in this attempt. */
const tooMany = 3;
/** Who is asked later than this is asked without a link to a message that is not there yet. */
const linkWithinMs = 4_000;

/**
 * However many they are, one attempt holds one turn at a time, so that the sessions of several people take turns.
 * Somebody whom Slack does not answer about is tried again after the others.
 */
export async function askReviewers(
  deps: SlackActivityDeps,
  slack: PacedSlack,
  sessionId: string,
  event: 'asked' | 'reminder',
): Promise<void> {
  const deadline = Date.now() + attemptMs;
  const failed: string[] = [];
  let problem: SlackCallError | undefined;
  let view: SlackSessionView | undefined;
  while (failed.length < tooMany) {
    const session = await findSession(deps.db, sessionId);
    if (!session) return;
    if (session.state !== 'pending') return closeAsks(deps, slack, session);
    await untilPosted(deps, session);
    if (view?.revision !== session.revision) view = await loadSlackView(deps.db, deps.publicUrl, sessionId);
    const { envelopeVersion } = session;
    const next = await nextOf(deps, session, event, view, slack.teamId, failed);
    if (!next) break;
    if (Date.now() > deadline) throw tryAgainIn(1, 'SlackPaced', 'more reviewers are to be asked');
    try {
      const reminds = event === 'reminder';
      const link = await permalink(deps, slack, sessionId);
      const message = askedMessage(view, { groups: next.groups, permalink: link, reminds });
      const key = { sessionId, userId: next.userId, event, envelopeVersion };
      await deliver(deps, slack, 'reviewers', key, next, message);
    } catch (error) {
      if (!(error instanceof SlackCallError) || error.failure.kind !== 'unavailable') throw error;
      failed.push(next.userId);
      problem = error;
    }
  }
  if (problem) throw problem;
}

/** One of those who are to be asked or reminded still, whichever workspace they are of. */
export async function reviewerToAsk(
  deps: SlackActivityDeps,
  session: SessionRow,
  event: 'asked' | 'reminder',
): Promise<AskedReviewer | undefined> {
  return nextOf(deps, session, event, await loadSlackView(deps.db, deps.publicUrl, session.id), '', []);
}

function nextOf(
  { db }: SlackActivityDeps,
  { id: sessionId, envelopeVersion, digest, requesterId }: SessionRow,
  event: 'asked' | 'reminder',
  view: SlackSessionView,
  teamId: string,
  except: string[],
): Promise<AskedReviewer | undefined> {
  const asked = { event, sessionId, envelopeVersion, digest, requesterId, groups: groupsAsked(view), except };
  return nextReviewerToAsk(db, { ...asked, teamId: teamId === '' ? null : teamId });
}

/** The message with the buttons is posted at the same time; what leads there is worth a moment's wait. */
async function untilPosted({ db }: SlackActivityDeps, { id, channelIds, createdAt }: SessionRow): Promise<void> {
  if (channelIds.length === 0 || Date.now() - createdAt.getTime() > linkWithinMs) return;
  const rows = await listSlackMessages(db, id, null);
  if (rows.length === 0) throw tryAgainIn(linkWithinMs / 8, 'SlackPaced', 'the message is being posted');
}

/** Once every group is represented, more people of any of them are what is missing. */
function groupsAsked(view: SlackSessionView): string[] {
  const open = view.groups.filter(({ met }) => !met);
  return (open.length > 0 ? open : view.groups).map(({ group }) => group);
}

/** Of the message with the buttons, where one is posted. */
async function permalink(deps: SlackActivityDeps, slack: PacedSlack, sessionId: string): Promise<string | null> {
  const rows = await listSlackMessages(deps.db, sessionId, null);
  const posted = rows.find(({ kind, ts }) => kind === 'review' && ts !== null);
  return posted?.ts ? slackPermalink(slack.teamUrl, { channel: posted.channel, ts: posted.ts }) : null;
}
