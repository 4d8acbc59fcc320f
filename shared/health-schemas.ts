/** What `GET /api/health` tells admins: each part of hoop, how it is now, and what to do. */
import { z } from 'zod';

export const healthParts = [
  'gateways',
  'workers',
  'temporal',
  'postgres',
  'agents',
  'slack',
  'messages',
  'sweep',
  'sessions',
  'recordings',
  'audit',
  'versions',
] as const;
export type HealthPartName = (typeof healthParts)[number];

/** warning: hoop does its work, and somebody should look; bad: something does not work. */
export const healthStates = ['ok', 'warning', 'bad'] as const;
export type HealthState = (typeof healthStates)[number];

const fact = z.object({
  name: z.string(),
  value: z.string(),
  kind: z.enum(['text', 'time', 'bytes']).describe('time: ISO; bytes: a whole number'),
});
export type HealthFact = z.infer<typeof fact>;

const thing = z.object({
  name: z.string(),
  state: z.enum(healthStates),
  summary: z.string(),
  facts: z.array(fact),
});
export type HealthThing = z.infer<typeof thing>;

export const healthPart = z.object({
  part: z.enum(healthParts),
  state: z.enum(healthStates),
  summary: z.string().describe('How it is, in a sentence'),
  advice: z.array(z.string()).describe('What to do; empty when there is nothing'),
  facts: z.array(fact),
  things: z.array(thing).describe('What it is made of, e.g. each gateway'),
  link: z.string().nullable().describe("Address that shows more, e.g. Temporal's UI"),
});
export type HealthPart = z.infer<typeof healthPart>;

export const healthView = z.object({
  at: z.string(),
  state: z.enum(healthStates).describe('Of the part that is worst'),
  version: z.string().describe('Of the gateway that answers'),
  parts: z.array(healthPart),
});
export type HealthView = z.infer<typeof healthView>;
