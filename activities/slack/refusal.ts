/** What a failed call to Slack means for its activity: Temporal tries again, or the failure is kept where admins look. */
import { ApplicationFailure } from '@temporalio/common';
import { HoopError } from '#shared/errors.ts';
import { findPlugin, setPluginState } from '#db/plugins.ts';
import { slackFailure } from '#core/slack-client.ts';
import { slackPlugin } from '#core/slack-tokens.ts';
import type { SlackActivityDeps } from './deps.ts';

export interface Refusal {
  /** Slack's code, or hoop's own. */
  code: string;
  message: string;
}

/**
 * Gives a refusal that trying again cannot change. Everything else is thrown: Temporal retries it, after a rate limit
 * when Slack says and not before.
 */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof HoopError) return { code: error.code, message: error.message };
  const failure = slackFailure(error);
  if (failure.kind === 'refused') return { code: failure.code, message: failure.message };
  if (failure.kind === 'rate_limited') {
    throw ApplicationFailure.create({
      type: 'SlackRateLimited',
      message: `Slack asks to wait ${failure.retryAfterSeconds} s`,
      nextRetryDelay: failure.retryAfterSeconds * 1000,
    });
  }
  throw ApplicationFailure.create({
    type: 'SlackUnavailable',
    message: failure.message,
    ...(error instanceof Error && { cause: error }),
  });
}

/** Shows with the plugin that a channel refuses, whatever state the plugin is in. */
export async function showWithPlugin({ db }: SlackActivityDeps, channel: string, refusal: Refusal): Promise<void> {
  const plugin = await findPlugin(db, slackPlugin);
  const problem = `channel ${channel}: ${refusal.message}`;
  if (plugin) await setPluginState(db, slackPlugin, plugin.version, plugin.state, problem);
}

/** The channel takes messages again. */
export async function clearWithPlugin({ db }: SlackActivityDeps, channel: string): Promise<void> {
  const plugin = await findPlugin(db, slackPlugin);
  if (!plugin?.lastError?.startsWith(`channel ${channel}: `)) return;
  await setPluginState(db, slackPlugin, plugin.version, plugin.state, null);
}
