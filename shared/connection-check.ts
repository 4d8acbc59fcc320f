/** What saving a connection would do, told before it is done. */
import { z } from 'zod';

export const connectionCheck = z.object({
  refusals: z
    .array(z.object({ field: z.string(), code: z.string(), message: z.string() }))
    .describe('Why it would not be saved, and by which field of the input'),
  warnings: z.array(z.string()).describe('What would be saved all the same, and an admin should know'),
  changes: z.array(z.string()).describe('What of that which reviewers approve would change: command, agent, env...'),
  waiting: z.number().int().describe('Requests that wait on the connection and would ask their reviewers again'),
  grants: z.number().int().describe('Grants on it that are active and would run no further command'),
});
export type ConnectionCheck = z.infer<typeof connectionCheck>;
