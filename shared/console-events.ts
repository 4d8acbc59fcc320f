/** What `GET /api/events` tells the console: something changed, and never how it is now. */
import { z } from 'zod';

/** Lists that change beside sessions; told to admins only, but for those that everybody has a page of. */
export const consoleTopics = ['agents', 'connections', 'plugins', 'users', 'tokens'] as const;
export type ConsoleTopic = (typeof consoleTopics)[number];
/** That some list changed says nothing of whose. `connections` changes with their agents too: who runs on them is told. */
export const topicsForAll: ReadonlySet<ConsoleTopic> = new Set(['tokens', 'connections']);

export const consoleEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), id: z.string() }),
  z.object({ kind: z.literal('topic'), topic: z.enum(consoleTopics) }),
]);
export type ConsoleEvent = z.infer<typeof consoleEvent>;
