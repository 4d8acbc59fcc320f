/** Direct messages while there are no tokens: they follow once an admin has set some, if that is soon enough. */
import {
  nextAskToClose,
  saveDirectMessageFailure,
  type DirectMessageEvent,
  type OpenAsk,
} from '#db/slack-direct-messages.ts';
import type { SessionRow } from '#db/sessions.ts';
import type { NoticeEvent } from '../types.ts';
import { reviewerToAsk } from './ask-reviewers.ts';
import type { SlackActivityDeps } from './deps.ts';
import { longestAppWaitMs, triedAfterEndMs } from './refusal.ts';
import { approversToTell, creatorToTell } from './tell-creator.ts';
import { tryAgainIn } from './try-again.ts';

/**
 * Tried every minute until an hour after the end, as messages in channels are; `problem`, a sentence, is kept with who
 * is to be told. Nothing waits where that is nobody.
 */
export async function unconfigured(
  deps: SlackActivityDeps,
  session: SessionRow,
  event: NoticeEvent,
  problem: string,
): Promise<void> {
  const { id: sessionId, envelopeVersion, endedAt } = session;
  const waiting = await nextUntold(deps, session, event);
  if (!waiting) return;
  await saveDirectMessageFailure(deps.db, { sessionId, envelopeVersion, ...waiting }, problem, false);
  if (endedAt && Date.now() - endedAt.getTime() > triedAfterEndMs) return;
  throw tryAgainIn(longestAppWaitMs, 'SlackRefused', problem);
}

async function nextUntold(
  deps: SlackActivityDeps,
  session: SessionRow,
  event: NoticeEvent,
): Promise<{ userId: string; event: DirectMessageEvent } | undefined> {
  const of = (person: { userId: string } | undefined) => person && { userId: person.userId, event };
  if (event === 'asked' || event === 'reminder') {
    if (session.state === 'pending') return of(await reviewerToAsk(deps, session, event));
    return event === 'asked' ? openAsk(await nextAskToClose(deps.db, session.id, [])) : undefined;
  }
  const creator = await creatorToTell(deps.db, session, event);
  return of(creator ?? (event === 'changed' ? (await approversToTell(deps.db, session))[0] : undefined));
}

/** What asked somebody says still that the request waits. */
const openAsk = (ask: OpenAsk | undefined) => ask && { userId: ask.userId, event: ask.event };
