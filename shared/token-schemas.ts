/** API tokens: what programs sign in with, in the name of a user. */
import { z } from 'zod';
import { limits } from './api-paths.ts';
import { durationSeconds } from './duration.ts';
import { email } from './name-schemas.ts';

const day = 86_400;
export const tokenLimits = {
  fewestSeconds: 60,
  defaultSeconds: 90 * day,
  mostSeconds: 366 * day,
  perUser: 100,
} as const;

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const tokenName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, 'must have no control characters and no invisible ones')
  .refine((name) => !uuid.test(name), 'must not look like an id');

export const tokenInput = z.object({
  name: tokenName.describe('What it is for; one name a token of a user'),
  user: email.optional().describe('As whom it acts, for admins; left out: yourself'),
  expire: durationSeconds(tokenLimits.fewestSeconds, tokenLimits.mostSeconds)
    .default(tokenLimits.defaultSeconds)
    .describe('How long it is good for, as in 90d (the default)'),
});

export const tokenView = z.object({
  id: z.uuid(),
  name: z.string(),
  user: z.string().describe('E-mail address of the user as whom it acts'),
  createdBy: z.string().nullable().describe('E-mail address; null: that user is gone'),
  createdAt: z.string(),
  expiresAt: z.string(),
  expired: z.boolean(),
  lastUsedAt: z.string().nullable().describe('To the minute; null: never'),
});
export type TokenView = z.infer<typeof tokenView>;

export const tokenCreated = tokenView.extend({ token: z.string().describe('Shown this once') });
export type TokenCreated = z.infer<typeof tokenCreated>;

export const tokensQuery = z.object({
  user: z.string().max(254).optional().describe('Only those of this user; me for your own'),
  limit: z.coerce.number().int().min(1).max(limits.pageSize).optional(),
  before: z.uuid().optional().describe('Go on after this one'),
});
export type TokensQuery = z.infer<typeof tokensQuery>;
