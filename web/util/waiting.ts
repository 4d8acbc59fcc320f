/** Which of the open reviews wait for the person who looks. */
import type { Me, SessionView } from '#shared/api-schemas.ts';

export interface Waiting {
  forMe: SessionView[];
  mine: SessionView[];
  forOthers: SessionView[];
}

/** The gateway has the last word on who may decide; this only sorts the list. */
export function sortWaiting(reviews: SessionView[], me: Me): Waiting {
  const waiting: Waiting = { forMe: [], mine: [], forOthers: [] };
  for (const review of reviews) {
    if (review.requester.id === me.id) waiting.mine.push(review);
    else if (isAsked(review, me)) waiting.forMe.push(review);
    else waiting.forOthers.push(review);
  }
  return waiting;
}

function isAsked({ review }: SessionView, me: Me): boolean {
  const approved = review.groups.some(({ approvedBy }) => approvedBy.includes(me.email));
  return !approved && review.groups.some(({ group }) => me.groups.includes(group));
}
