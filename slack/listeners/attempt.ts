import type { EnvelopeText } from '#shared/slack-view.ts';
import type { Decided, Decision } from '#core/decide-review.ts';
import type { SlackIdentity } from '#core/resolve-slack-user.ts';
import type { DecideValue } from '../blocks/decide-value.ts';

export interface DecideRequest extends Pick<Decision, 'verdict' | 'reason' | 'group' | 'force' | 'duration'> {
  identity: SlackIdentity;
  shown: DecideValue;
  /** Of what the person was shown; without one, of the version in `shown`. */
  digest?: string;
  /** Whether the person was shown all of what the rows say; nothing is decided where not. */
  wasShown?: (text: EnvelopeText) => boolean;
}

/** A decision on its way. Once it is `abandoned` it never commits, unless its commit was sent before. */
export interface Attempt {
  request: DecideRequest;
  work: Promise<Decided>;
  /** Enough to look for its row; set before the commit. */
  author?: { userId: string; digest: string };
  commitSent: boolean;
  abandoned: boolean;
}

/** Not all of it was shown. */
export class NotShown extends Error {}
