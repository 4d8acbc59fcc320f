/** What the person who asked is told in private. The command is named, as several may be under way. */
import type { SlackDecision, SlackSessionView } from '#shared/slack-view.ts';
import { grantUntilLines, shortenedText, yourRequest } from './grant-words.ts';
import { changeText, endingDecision, gist, personText, stateText } from './phrases.ts';
import {
  bold,
  clean,
  cut,
  line,
  link,
  plainName,
  preformatted,
  richText,
  short,
  words,
  type Block,
  type Message,
} from './text.ts';

export type DirectMessageEvent = 'approved' | 'rejected' | 'expired' | 'revoked' | 'finished' | 'changed';

const room = 1500;

export function directMessage(event: DirectMessageEvent, view: SlackSessionView): Message {
  const headline = headlineOf(event, view);
  const blocks: Block[] = [
    richText(
      line(
        bold(headline),
        words(` – ${yourRequest(view)} on ${short(view.connection, 100)}. `),
        link(view.url, 'Open in hoop'),
      ),
      preformatted(gist(view)),
      ...detailsOf(event, view),
    ),
  ];
  return { text: `${headline}: ${yourRequest(view)} on ${plainName(view.connection, 'a connection')}`, blocks };
}

function headlineOf(event: DirectMessageEvent, view: SlackSessionView): string {
  switch (event) {
    case 'approved':
      return (
        `Approved${view.forced ? ' (forced)' : ''}${view.grant === null ? '' : shortenedText(view.grant)}` +
        (view.runsAt === null ? '' : `; ${view.runsAt}`)
      );
    case 'changed':
      return view.state === 'pending' ? 'It waits for approval again' : 'It needs no approval any more';
    case 'rejected':
      return 'Rejected';
    case 'expired':
      return `Expired: the review was not completed in time, nothing was ${view.grant === null ? 'run' : 'granted'}`;
    case 'revoked':
      return 'Revoked';
    case 'finished':
      return stateText(view);
  }
}

function detailsOf(event: DirectMessageEvent, view: SlackSessionView) {
  if (event === 'finished') {
    // where who asked ended it, the headline has said so
    const message = view.message === null || endingDecision(view) ? '' : cut(clean(view.message).trim(), room).text;
    return message === '' ? [] : [preformatted(message)];
  }
  if (event === 'changed') {
    const why = changeText(view);
    return why === null ? [] : [line(bold('Why: '), words(why))];
  }
  const verdict = ({ approved: 'approve', rejected: 'reject', revoked: 'revoke', expired: undefined } as const)[event];
  const decisions = view.decisions.filter((decision) => decision.verdict === verdict && !decision.outdated);
  if (event === 'approved') {
    return [...grantUntilLines(view), ...byLines(decisions.slice(-10), 'Approved by'), ...whyForced(decisions)];
  }
  const last = decisions.at(-1);
  if (!last) return [];
  const reason = cut(clean(last.reason).trim(), room).text;
  const why = reason === '' ? [] : [line(bold('Why: '), words(reason))];
  return [...byLines([last], 'By'), ...why];
}

function whyForced(decisions: SlackDecision[]) {
  const reason = decisions.findLast((decision) => decision.force)?.reason ?? '';
  return reason === '' ? [] : [line(bold('Why: '), words(cut(clean(reason).trim(), room).text))];
}

function byLines(decisions: SlackDecision[], by: string) {
  return decisions.map((decision) =>
    line(words(`${by} ${personText(decision.by)}${decision.force ? ', forced' : ''}`)),
  );
}
