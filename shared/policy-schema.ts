/** The stored form of a review policy. What does not fit it is unreadable, and then nothing runs. */
import { z } from 'zod';
import type { ReviewPolicy } from './review-policy.ts';

export const policySchema = z.strictObject({
  groups: z.array(z.string().min(1)),
  minApprovals: z.number().int().nonnegative(),
  distinctReviewers: z.boolean(),
  forceApproveGroups: z.array(z.string().min(1)),
}) satisfies z.ZodType<ReviewPolicy>;
