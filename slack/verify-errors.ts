/** What both verifications share. */
import { HoopError } from '#shared/errors.ts';
import type { SlackFailure } from '#core/slack-client.ts';

/** Slack is away or asks to slow down: nobody can tell now whether the tokens are right. */
export function unavailable(failure: Exclude<SlackFailure, { kind: 'refused' }>, cause: unknown): HoopError {
  const why = failure.kind === 'rate_limited' ? 'Slack asks to slow down' : failure.message;
  return new HoopError('slack_unavailable', `${why}. Nothing was saved; try again in a moment.`, { cause });
}

/** `xapp-1-A0123456789-...` names the app it belongs to. */
export function appIdIn(appToken: string): string | undefined {
  return /^xapp-\d-(A[A-Z0-9]+)-/.exec(appToken)?.[1];
}
