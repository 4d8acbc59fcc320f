/** What `GET /api/events` tells the console: something changed, and never how it is now. */
import { z } from 'zod';

/** Lists that change beside sessions; told to admins only, the only people who see them. */
export const consoleTopics = ['agents', 'connections', 'plugins', 'users', 'tokens'] as const;
export type ConsoleTopic = (typeof consoleTopics)[number];

export const consoleEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), id: z.string() }),
  z.object({ kind: z.literal('topic'), topic: z.enum(consoleTopics) }),
]);
export type ConsoleEvent = z.infer<typeof consoleEvent>;
