/** The stored form of a review policy. What does not fit it is unreadable, and then nothing runs. */
import { z } from 'zod';
import type { ReviewPolicy } from './review-policy.ts';
import { parseTimeWindow } from './time-window.ts';

export const policySchema = z.strictObject({
  groups: z.array(z.string().min(1)),
  minApprovals: z.number().int().nonnegative(),
  distinctReviewers: z.boolean(),
  forceApproveGroups: z.array(z.string().min(1)),
  window: z
    .string()
    .refine((text) => !('problem' in parseTimeWindow(text)))
    .optional(),
}) satisfies z.ZodType<ReviewPolicy>;
