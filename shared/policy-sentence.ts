/** What a connection asks of people, as one sentence: the console, the CLI and whoever else explains a policy say it so. */
import { formatDuration, parseDuration } from './duration-text.ts';
import { someGroups } from './review-policy.ts';
import { windowWords } from './time-window.ts';

export interface PolicyRules {
  /** Groups that must each approve. */
  reviewers: readonly string[];
  minApprovals: number;
  distinctReviewers: boolean;
  forceApproveGroups: readonly string[];
  requireReason?: boolean;
  /** Null or empty: at any time. A text that is no window is left out. */
  window?: string | null | undefined;
  /** How long requests wait, e.g. `24h`; left out where it is not told. */
  expire?: string | undefined;
}

/** `One person of admin and one of sre must approve, two different people; nobody approves their own request; ...` */
export function policySentence(rules: PolicyRules): string {
  const { reviewers, forceApproveGroups, requireReason, window, expire } = rules;
  const reviewed = reviewers.length > 0;
  const begin = window ? windowWords(window) : null;
  const wait = expire === undefined ? null : parseDuration(expire);
  const parts = [
    reviewed ? approvalWords(reviewers, rules) : 'Nobody has to approve',
    ...(reviewed ? ['nobody approves their own request'] : []),
    ...(reviewed && forceApproveGroups.length > 0
      ? [`members of ${listed(forceApproveGroups.map(groupText), 'or')} may force it alone with a reason`]
      : []),
    ...(requireReason ? ['who asks must give a reason'] : []),
    ...(begin === null ? [] : [`${reviewed ? 'approved commands' : 'commands'} begin ${begin}`]),
    ...(wait === null ? [] : [`requests wait at most ${formatDuration(wait)}`]),
  ];
  return `${parts.join('; ')}.`;
}

/** Who must approve, for a list: of many groups the first few. */
export function whoApproves(rules: Pick<PolicyRules, 'reviewers' | 'minApprovals' | 'distinctReviewers'>): string {
  const { reviewers } = rules;
  if (reviewers.length === 0) return 'Nobody has to approve.';
  if (reviewers.length <= 3) return `${approvalWords(reviewers, rules, false)}.`;
  const people = fewestPeople(rules);
  return `One person of each of ${someGroups(reviewers.map(groupText))} must approve${people > 1 ? `, ${countText(people)} different people` : ''}.`;
}

function approvalWords(
  reviewers: readonly string[],
  rules: Pick<PolicyRules, 'minApprovals' | 'distinctReviewers' | 'reviewers'>,
  whole = true,
): string {
  const { minApprovals, distinctReviewers } = rules;
  const people = fewestPeople(rules);
  const [only] = reviewers;
  if (reviewers.length === 1 && only !== undefined) {
    return people > 1
      ? `At least ${countText(people)} different people of ${groupText(only)} must approve`
      : `One person of ${groupText(only)} must approve`;
  }
  const each = reviewers.map((group, at) => `${at === 0 ? 'One person' : 'one'} of ${groupText(group)}`);
  const who = `${listed(each, 'and')} must approve`;
  if (distinctReviewers && minApprovals <= reviewers.length) return `${who}, ${countText(people)} different people`;
  if (distinctReviewers) return `${who}, each a different one, and at least ${countText(people)} people in all`;
  if (people > 1) return `${who}, at least ${countText(people)} different people in all`;
  return whole ? `${who} (who is in several of these groups counts for each)` : who;
}

/** As many as have to approve, at least. */
const fewestPeople = ({
  reviewers,
  minApprovals,
  distinctReviewers,
}: Pick<PolicyRules, 'reviewers' | 'minApprovals' | 'distinctReviewers'>): number =>
  Math.max(minApprovals, distinctReviewers ? reviewers.length : 1);

const smallNumbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const countText = (count: number): string => smallNumbers[count] ?? String(count);

/** A name that might be taken for words of the sentence is in quotation marks. */
const groupText = (name: string): string => (/^[\p{L}\p{N}_.@/+-]+$/u.test(name) ? name : `"${name}"`);

function listed(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;
}
