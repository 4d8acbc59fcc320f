/** Answers that only the person who clicked sees. They need no membership of the bot in the channel. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RespondFn } from '@slack/bolt';
import type { Logger } from 'pino';
import { privateAnswer, type Message } from '../blocks/text.ts';

const pausesMs = [0, 500, 2_000];

export function tellPrivately(respond: RespondFn, text: string, log: Logger): Promise<void> {
  return sendPrivately(respond, privateAnswer(text), log);
}

/** Tries a few times; an answer that never arrives is logged, as what it is about stands anyway. */
export async function sendPrivately(respond: RespondFn, answer: Message, log: Logger): Promise<void> {
  const message = { response_type: 'ephemeral' as const, replace_original: false, ...answer };
  let problem: unknown;
  for (const pause of pausesMs) {
    await delay(pause);
    try {
      await respond(message);
      return;
    } catch (error) {
      problem = error;
    }
  }
  log.warn({ err: problem }, 'private answer not delivered');
}
