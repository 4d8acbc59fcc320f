import { setTimeout as delay } from 'node:timers/promises';
import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { HoopError } from '#shared/errors.ts';
import { resolveSlackUser } from '#core/resolve-slack-user.ts';
import { helpMessage } from '../../blocks/help-message.ts';
import { privateAnswer } from '../../blocks/text.ts';
import type { ListenerDeps } from '../deps.ts';

/** Answers in the acknowledgement itself, so that only the person who typed sees it. */
export function hoopCommand(deps: ListenerDeps): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ ack, command }) => {
    const [word = ''] = command.text.trim().toLowerCase().split(/\s+/, 1);
    const message =
      word === 'status' ? privateAnswer(await statusText(deps, command.user_id, command.team_id)) : helpMessage();
    await ack({ response_type: 'ephemeral', ...message });
  };
}

async function statusText(deps: ListenerDeps, userId: string, teamId: string): Promise<string> {
  const done = new AbortController();
  try {
    const user = await Promise.race([
      resolveSlackUser(deps.core, { userId, teamId }, deps.homeTeamId),
      delay(deps.budgetMs, undefined, { signal: done.signal }),
    ]);
    if (!user) return 'hoop is slow to answer right now; please try again in a moment.';
    const groups = user.groups.length === 0 ? 'in no group' : `in ${user.groups.join(', ')}`;
    return `In hoop you are ${user.email}, ${groups}. Your decisions in Slack count as yours.`;
  } catch (error) {
    if (error instanceof HoopError) return error.message.replace(', so nothing was decided', '');
    deps.log.warn({ err: error }, 'status not answered');
    return 'hoop has trouble with its database; please try again in a moment.';
  } finally {
    done.abort();
  }
}
