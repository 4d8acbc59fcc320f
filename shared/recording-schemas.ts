/** Recordings as files. */
import { z } from 'zod';

export const sessionParams = z.object({ id: z.string().max(64) });

export const outputFileQuery = z.object({
  stream: z.enum(['stdout', 'stderr']).optional().describe('Only that one; without it both, in the order they came'),
});
