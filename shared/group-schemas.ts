/** Groups of people, as admins pick them. */
import { z } from 'zod';

export const groupView = z.object({
  name: z.string(),
  members: z.number().int().describe('People with an open account'),
  reviews: z.number().int().describe('Connections that ask it to approve'),
});
export type GroupView = z.infer<typeof groupView>;
