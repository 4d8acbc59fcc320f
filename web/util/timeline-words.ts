/** Steps of a session's timeline in words. */
import type { TimelineEntry, TimelineStep } from '#shared/session-timeline.ts';
import { absoluteTime } from './time.ts';

const titles: Readonly<Record<TimelineStep, string>> = {
  asked: 'Asked for',
  changed: 'Changed',
  reopened: 'Opened again',
  posted: 'Posted to Slack',
  notified: 'Told in private',
  seen: 'Read in full',
  reminded: 'Reviewers reminded',
  approved: 'Approved',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
  revoked: 'Revoked',
  started: 'Started',
  interrupted: 'Interrupted',
  noted: 'Noted',
  ended: 'Ended',
};

export interface TimelineWords {
  title: string;
  detail: string;
}

export function timelineWords({ what, details = {} }: TimelineEntry): TimelineWords {
  const text = (name: string) => (details[name] === undefined ? '' : String(details[name]));
  const title = titles[what];
  switch (what) {
    case 'posted':
      return { title, detail: `in ${text('channel')}` };
    case 'notified':
      return { title, detail: `${text('to')}: ${text('event')}` };
    case 'changed':
      return {
        title,
        detail: `${sentence(`connection (${text('changed')}), `, text('changed'))}version ${text('version')} now`,
      };
    case 'reopened':
      return { title, detail: 'approvals do not count any more; it waits again' };
    case 'started':
      return {
        title,
        detail: listed([
          sentence(`agent ${text('agent')}`, text('agent')),
          sentence(`on ${text('host')}`, text('host')),
        ]),
      };
    case 'ended':
      return { title: `${title}: ${text('state')}`, detail: endText(text) };
    case 'noted':
      return noted(details, text);
    default: {
      const how = [text('group') && `for ${text('group')}`, details['force'] === true && 'forced']
        .filter(Boolean)
        .join(', ');
      return { title, detail: [how, text('reason')].filter(Boolean).join(': ') };
    }
  }
}

type TextOf = (name: string) => string;

/** What the audit log alone has: steps of a grant by name, the others by that of the log. */
function noted(details: NonNullable<TimelineEntry['details']>, text: TextOf): TimelineWords {
  const until = text('until') === '' ? '' : `until ${absoluteTime(text('until'))}`;
  switch (text('action')) {
    case 'grant.activate':
      return { title: 'Granted', detail: until };
    case 'grant.extend':
      return { title: 'Extended', detail: until };
    case 'grant.close':
      return { title: 'Closed', detail: sentence(`${text('why')}: `, text('why')) + 'what runs under it is stopped' };
    default: {
      const { action, ...rest } = details;
      const parts = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
      return { title: String(action), detail: parts.join(', ') };
    }
  }
}

const endText = (text: TextOf): string =>
  [text('exitSignal') || (text('exitCode') && `exit status ${text('exitCode')}`), text('message')]
    .filter(Boolean)
    .join(': ');

/** Nothing where the fact is missing. */
const sentence = (words: string, fact: string): string => (fact === '' ? '' : words);
const listed = (parts: string[]): string => parts.filter((part) => part !== '').join(' ');
