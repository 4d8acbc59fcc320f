/** What the console's page behind `/hoop subscribe` asks and is told. */
import { z } from 'zod';

export const slackLinkInput = z.object({
  token: z.string().min(1).max(200).describe('What follows # in the link'),
});

export const slackLinkView = z.object({
  state: z
    .enum(['open', 'bound', 'taken'])
    .describe('open: can be confirmed; bound: this account is yours already; taken: it is of another user'),
  slack: z.object({
    id: z.string().describe('Slack member id'),
    name: z.string().describe('As Slack called the person who asked for the link'),
    team: z.string().describe('Name of the workspace'),
  }),
  email: z.string().describe('Of the person who is signed in, in whose name the Slack account will decide'),
  replaces: z.string().nullable().describe('Slack id that counts for this person until the link is confirmed'),
  takenBy: z.string().nullable().describe('Most of the address of the user it belongs to is left out'),
  expiresAt: z.string(),
});
export type SlackLinkView = z.infer<typeof slackLinkView>;
