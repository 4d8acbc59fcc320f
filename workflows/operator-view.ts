/** What operators see in Temporal's UI: search attributes and the current details. */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { OpenedReview } from '#activities/types.ts';
import type { ReviewTally } from './review-tally.ts';
import { searchAttributes } from './search-attributes.ts';

export function showOpened(opened: OpenedReview, state: string, review: ReviewTally): void {
  upsertSearchAttributes([
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
  opensAt: number | null = null,
): void {
  upsertSearchAttributes([
    { key: searchAttributes.state, value: state },
    { key: searchAttributes.groupsAsked, value: review.groupsAsked() },
  ]);
  showDetails(opened, state, review, opensAt);
}

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
