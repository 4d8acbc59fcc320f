/** What a review policy asks for, in one sentence for whoever is about to ask. */
import type { ReviewPolicy } from './review-policy.ts';

type Asked = Pick<ReviewPolicy, 'groups' | 'minApprovals' | 'distinctReviewers' | 'forceApproveGroups'>;

/** "admin and sre must each approve it, by different people; members of oncall can force it." */
export function policySentence({ groups, minApprovals, distinctReviewers, forceApproveGroups }: Asked): string {
  if (groups.length === 0) return 'Nobody has to approve it: it runs at once.';
  const who = groups.length === 1 ? `Somebody in ${listed(groups)} must` : `${listed(groups)} must each`;
  const many = minApprovals > groups.length || (minApprovals > 1 && !distinctReviewers);
  const how = [
    ...(many ? [`at least ${minApprovals} people in all`] : []),
    ...(distinctReviewers && groups.length > 1 ? ['a different person for each group'] : []),
  ];
  const force = forceApproveGroups.length > 0 ? `; members of ${listed(forceApproveGroups)} can force it` : '';
  return `${who} approve it${how.length > 0 ? ` (${how.join(', ')})` : ''}${force}.`;
}

/** "admin, sre and dba" */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
