/** What operators see in Temporal's UI: search attributes and the current details. */
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { OpenedReview } from '#activities/types.ts';
import type { ReviewTally } from './review-tally.ts';
import { searchAttributes } from './search-attributes.ts';
import type { Ways } from './ways.ts';

export function showOpened(opened: OpenedReview, state: string, review: ReviewTally, ways: Ways): void {
  upsert(ways, [
    { key: searchAttributes.connection, value: opened.connection },
    { key: searchAttributes.requester, value: opened.requester },
    { key: searchAttributes.state, value: state },
    { key: searchAttributes.groupsAsked, value: review.groupsAsked() },
  ]);
  showDetails(opened, state, review);
}

/** `opensAt`: of the time window that it waits for, ms since the epoch. */
export function showState(
  opened: OpenedReview,
  state: string,
  review: ReviewTally,
  ways: Ways,
  opensAt: number | null = null,
): void {
  upsert(ways, [
    { key: searchAttributes.state, value: state },
    { key: searchAttributes.groupsAsked, value: review.groupsAsked() },
  ]);
  showDetails(opened, state, review, opensAt);
}

/** They mostly come with the start, and each upsert counts: only what differs is sent. */
function upsert({ isSparing }: Ways, wanted: SearchAttributeUpdatePair[]): void {
  const { typedSearchAttributes: given } = workflowInfo();
  const isGiven = ({ key, value }: SearchAttributeUpdatePair) => textOf(given.get(key)) === textOf(value);
  const pairs = isSparing ? wanted.filter((pair) => !isGiven(pair)) : wanted;
  if (pairs.length > 0) upsertSearchAttributes(pairs);
}

/** No values are as good as none. */
const textOf = (value: unknown): string => JSON.stringify(value ?? []);

function showDetails(opened: OpenedReview, state: string, review: ReviewTally, opensAt: number | null = null): void {
  const { approvals, approvalsNeeded, groups, forced } = review.standing;
  // Markdown: without empty lines the page runs it all together.
  const lines = [
    `**${state}** — ${opened.requester} on \`${opened.connection}\`, agent \`${opened.agent}\``,
    '',
    ...groups.map((group) => `- ${group.group}: ${group.met ? 'approved' : 'asked'}`),
  ];
  if (approvalsNeeded > 1) lines.push(`- ${approvals} of ${approvalsNeeded} people`);
  if (forced) lines.push('- approval was forced');
  if (opensAt !== null) lines.push('', `runs at ${new Date(opensAt).toISOString()}, when its time window opens`);
  lines.push('', `expires ${new Date(opened.expiresAt).toISOString()}`);
  // the page cuts off the last line
  lines.push('', '\u00a0');
  setCurrentDetails(lines.join('\n'));
}
