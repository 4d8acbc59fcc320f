/** Lists of reviews: which part of them is asked for, and what a row shows besides the session. */
import { z } from 'zod';
import { limits } from './api-paths.ts';

/** What waits for the person who asks, what they have asked for themselves, and what waits for others. */
export const reviewParts = ['mine', 'own', 'others'] as const;
export type ReviewPart = (typeof reviewParts)[number];

export const listReviewsQuery = z.object({
  state: z.enum(['pending', 'decided', 'all']).default('pending'),
  part: z
    .enum(reviewParts)
    .optional()
    .describe('Of what is pending: what waits for you (mine), your own requests, or what waits for others'),
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(50),
  before: z
    .uuid()
    .optional()
    .describe('Id of a session: those that follow it in this list; goes with `part`, or with what is decided'),
});
export type ListReviewsQuery = z.infer<typeof listReviewsQuery>;

/** The beginning of what would run; whoever decides reads all of it first. */
export const reviewPreview = z.object({
  argv: z.array(z.string()).describe('Command and arguments'),
  script: z.string().nullable().describe('First lines of the standard input; null: there is none, or it is no text'),
  whole: z.boolean().describe('Nothing of it is left out here'),
});
export type ReviewPreview = z.infer<typeof reviewPreview>;

/** How many pending requests wait for the person, counted up to a bound. */
export const reviewCount = z.object({
  waiting: z.number().int(),
  more: z.boolean().describe('There are more than that'),
});
export type ReviewCount = z.infer<typeof reviewCount>;
