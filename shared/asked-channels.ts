/** Where in Slack the reviewers of a session are asked, and whether they can read it there. */
import { z } from 'zod';

export const askedChannel = z.object({
  channel: z.string().describe('As people call it'),
  posted: z.boolean().describe('The request can be read there'),
  problem: z
    .enum(['unavailable', 'refused'])
    .nullable()
    .describe('Why it cannot be brought up to date there: Slack does not answer, or does not let hoop post'),
  detail: z.string().nullable().describe('What Slack says, or what to do'),
});
export type AskedChannel = z.infer<typeof askedChannel>;
