/** Parts of `sessionDetail`: the policy a request is under, and what happened to it, in order. */
import { z } from 'zod';

export const policyView = z.object({
  groups: z.array(z.string()),
  minApprovals: z.number().int(),
  distinctReviewers: z.boolean(),
  forceApproveGroups: z.array(z.string()),
  window: z.string().optional().describe('When the command may begin; absent: at any time'),
});
export type PolicyView = z.infer<typeof policyView>;

/** In the order in which things of the same instant are told. */
export const timelineSteps = [
  'asked',
  'changed',
  'reopened',
  'posted',
  'notified',
  'seen',
  'reminded',
  'approved',
  'rejected',
  'withdrawn',
  'revoked',
  'started',
  'interrupted',
  'noted',
  'ended',
] as const;

export const timelineEntry = z.object({
  at: z.string(),
  what: z
    .enum(timelineSteps)
    .describe(
      'changed: another version, to be approved anew; reopened: approvals do not count any more; posted: the message in a channel (details.channel); notified: a direct message to details.to; seen: a reviewer ' +
        'opened the request in full for the first time; reminded: its reviewers were, once; started: the approval was consumed by details.agent on ' +
        'details.host; noted: anything else the audit log has (details.action)',
    ),
  by: z.string().optional().describe('E-mail address; absent for what hoop does by itself'),
  via: z.enum(['slack', 'console', 'cli', 'api']).optional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;
export type TimelineStep = TimelineEntry['what'];
