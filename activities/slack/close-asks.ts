/** What asked reviewers in private tells them, once, what became of the request, when it waits for them no more. */
import { nextAskToClose, saveClosedAsk } from '#db/slack-direct-messages.ts';
import type { SessionRow } from '#db/sessions.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import { closedAskMessage } from '#slack/blocks/closed-ask-message.ts';
import type { SlackActivityDeps } from './deps.ts';
import { SlackCallError, type PacedSlack } from './paced-slack.ts';
import { isAboutApp } from './refusal.ts';
import { tryAgainIn } from './try-again.ts';

/** An attempt begins no further message after this. */
const attemptMs = 15_000;
/** So many people in a row without an answer: Slack is away, and nobody else is tried in this attempt. */
const tooMany = 3;

/** One that Slack refuses to change is left as it is; one that it does not answer about is tried after the others. */
export async function closeAsks(deps: SlackActivityDeps, slack: PacedSlack, { id }: SessionRow): Promise<void> {
  const deadline = Date.now() + attemptMs;
  const failed: string[] = [];
  let problem: SlackCallError | undefined;
  while (failed.length < tooMany) {
    const next = await nextAskToClose(deps.db, id, failed);
    if (!next) break;
    if (Date.now() > deadline) throw tryAgainIn(1, 'SlackPaced', 'more messages are to be rewritten');
    // as it is by now: it may wait again
    const view = await loadSlackView(deps.db, deps.publicUrl, id);
    if (view.state === 'pending') throw tryAgainIn(1, 'SlackOvertaken', 'the session changed meanwhile');
    try {
      await slack.updateLast(id, next.channel, next.ts, closedAskMessage(view));
      await saveClosedAsk(deps.db, id, next, null);
    } catch (error) {
      const failure = error instanceof SlackCallError ? error.failure : undefined;
      if (!failure || (failure.kind === 'refused' && isAboutApp(failure.code))) throw error;
      deps.log.warn({ sessionId: id, userId: next.userId, problem: failure.message }, 'direct message not rewritten');
      if (failure.kind === 'refused') await saveClosedAsk(deps.db, id, next, failure.message);
      else {
        failed.push(next.channel);
        problem = error as SlackCallError;
      }
    }
  }
  if (problem) throw problem;
}
