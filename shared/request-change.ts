/** Part of `sessionDetail`: what of a request is another than it was before its connection changed. */
import { z } from 'zod';

/** What a connection gives to a request, without secrets. */
const given = z.object({
  command: z.array(z.string()),
  connectionEnvNames: z.array(z.string()),
  agent: z.string(),
  runAs: z.string().nullable(),
  reviewers: z.array(z.string()),
  window: z.string().nullable(),
});

export const requestChange = z.object({
  at: z.string(),
  by: z.string().describe('E-mail address of the admin, or hoop'),
  what: z.array(z.string()).describe('As the audit log names it: command, agent, env, reviewers, window'),
  before: given.describe('As the version before had it'),
  now: given,
});
export type RequestChange = z.infer<typeof requestChange>;
