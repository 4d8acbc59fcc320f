/** When reviewers are reminded that a request expires: once. */

const minuteMs = 60_000;
const share = 0.75;
const atLeastMs = 10 * minuteMs;
const atMostMs = 60 * minuteMs;

/**
 * After three quarters of the time a request may wait, but between ten minutes and an hour before it expires; null when
 * it waits for so short a time that the reminder would come with the request. Milliseconds since the epoch.
 */
export function remindAt(createdAt: number, expiresAt: number): number | null {
  const due = createdAt + share * (expiresAt - createdAt);
  const at = Math.round(Math.min(Math.max(due, expiresAt - atMostMs), expiresAt - atLeastMs));
  return at - createdAt < minuteMs ? null : at;
}
