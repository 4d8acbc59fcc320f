/** How far a new installation is on the way to its first command. */
import { z } from 'zod';
import { sessionStates } from './session-states.ts';

const session = z.object({ id: z.uuid(), connection: z.string(), state: z.enum(sessionStates) });

export const firstRunView = z.object({
  open: z
    .boolean()
    .describe('Whether there is still something to lead to: no command finished, and nobody put it away'),
  dismissed: z.boolean().describe('Somebody put it away'),
  agent: z.object({ name: z.string(), online: z.boolean() }).nullable().describe('One of them, online if any is'),
  connection: z
    .object({
      name: z.string(),
      agent: z.string(),
      agentOnline: z.boolean(),
      command: z.array(z.string()),
      reviewed: z.boolean().describe('Whether its requests wait for people'),
    })
    .nullable()
    .describe('One of them, with an agent online if any has'),
  slack: z
    .object({ team: z.string().nullable(), connected: z.boolean(), problem: z.string().nullable() })
    .nullable()
    .describe('Null: not configured'),
  lastSession: session.nullable().describe('What was asked last'),
  finished: session.nullable().describe('The first that ran to its end'),
});
export type FirstRunView = z.infer<typeof firstRunView>;
