import { setTimeout as delay } from 'node:timers/promises';
import type { Middleware, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { privateAnswer, type Message } from '../../blocks/text.ts';
import type { ListenerDeps } from '../deps.ts';
import { sendPrivately } from '../private-answer.ts';
import { answerOfFailure, answerTo } from './answers.ts';

/** After this long nobody waits for the answer to a command any more. */
const patienceMs = 20_000;

/**
 * Answers in the acknowledgement, so that only the person who typed sees it; what takes longer than Slack waits for
 * follows through the command's response URL.
 */
export function hoopCommand(deps: ListenerDeps): Middleware<SlackCommandMiddlewareArgs> {
  return async ({ ack, command, respond }) => {
    const identity = { userId: command.user_id, teamId: command.team_id };
    const asked = { deps, identity, channel: command.channel_id, name: command.user_name };
    const work = answerTo(command.text)(asked).catch((error: unknown) => answerOfFailure(error, deps));
    const first = await within(work, deps.budgetMs);
    await ack({ response_type: 'ephemeral', ...(first ?? slow()) });
    if (first) return;
    await sendPrivately(respond, (await within(work, patienceMs)) ?? tryAgain(), deps.log);
  };
}

async function within(work: Promise<Message>, ms: number): Promise<Message | undefined> {
  const done = new AbortController();
  const timeUp = delay(ms, undefined, { signal: done.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    done.abort();
  }
}

const slow = (): Message => privateAnswer('hoop is slow right now; the answer follows here as soon as there is one.');
const tryAgain = (): Message => privateAnswer('hoop has trouble with its database; please try again in a moment.');
