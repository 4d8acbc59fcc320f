/** Lists of users, as the API takes their filters. */
import { z } from 'zod';
import { limits } from './api-paths.ts';

export const listUsersQuery = z.object({
  search: z.string().trim().max(200).optional().describe('Part of a name, an e-mail address or a Slack id'),
  group: z.string().max(100).optional().describe('Only members of this group'),
  active: z.enum(['true', 'false']).optional().describe('false: only users who are deactivated'),
  limit: z.coerce.number().int().min(1).max(limits.pageSize).optional().describe('Without it all'),
  after: z.string().max(254).optional().describe('E-mail address: those that follow it in this list'),
});
export type ListUsersQuery = z.infer<typeof listUsersQuery>;
