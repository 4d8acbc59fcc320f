import { HoopError } from '#shared/errors.ts';
import type { OpenedSlack } from '#core/slack-tokens.ts';
import type { SlackActivityDeps } from './deps.ts';

/** A sentence where there are none: none were set, or they belong to a sandbox that is off. */
export async function usableTokens({ openTokens }: SlackActivityDeps): Promise<OpenedSlack | string> {
  try {
    return (await openTokens()) ?? 'Slack is not configured.';
  } catch (error) {
    if (error instanceof HoopError) return error.message;
    throw error;
  }
}
