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
