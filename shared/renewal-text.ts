/** Why a request is another one than it was, in a sentence for everybody who waits for it or decides. */

export interface RenewalFact {
  /** As the audit log names the actor: `user:<email>` or `system:<name>`. */
  by: string;
  changed: readonly string[];
}

/** "The connection was changed by admin@localhost (command)". */
export function changedText({ by, changed }: RenewalFact): string {
  return `The connection was changed by ${actorText(by)} (${changed.join(', ')})`;
}

/** `asks`: reviewers have to approve it as it is now. */
export function renewalText(renewal: RenewalFact, asks: boolean): string {
  const then = asks
    ? 'approvals so far do not count; reviewers are asked again.'
    : 'nobody has to approve it any more.';
  return `${changedText(renewal)}: ${then}`;
}

export const actorText = (actor: string): string =>
  actor.startsWith('user:') ? actor.slice('user:'.length) : actor === '' ? 'an admin' : 'hoop';

/** `groups`: those that the approval counted for, where they are known; `active`: the account is open. */
export function lapseText(who: string, groups: readonly string[], active: boolean): string {
  const what = groups.length === 0 ? '' : ` for ${groups.join(', ')}`;
  const why = active ? 'they are no reviewer of it any more' : 'their account is not active any more';
  return `The approval of ${who} does not count${what} now: ${why}.`;
}
