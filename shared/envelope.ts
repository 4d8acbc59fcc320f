/**
 * The envelope of a session: everything a reviewer approves, nothing else. Its canonical bytes are what the digest D
 * is taken of, what Postgres keeps, and what the agent checks before it runs anything.
 */
import { z } from 'zod';
import { terminalSchema } from './terminal.ts';

export const envelopeSchema = z.object({
  version: z.literal(1),
  sessionId: z.uuid(),
  kind: z.enum(['exec', 'connect']),
  /** Counts up with each change of the connection before the run is consumed. */
  envelopeVersion: z.number().int().positive(),
  connection: z.object({
    name: z.string(),
    version: z.number().int().positive(),
    /** argv of the connection; `args` are appended. */
    command: z.array(z.string()).min(1),
    /** Names of the connection's own environment; its values stay sealed and are fixed by `version`. */
    envNames: z.array(z.string()),
  }),
  agent: z.string(),
  /** Of connect: seconds asked for. */
  durationSeconds: z.number().int().positive().optional(),
  /** Of exec: the grant it runs under; of connect: the one it extends. `digest`: of the grant's own envelope. */
  grant: z.object({ sessionId: z.uuid(), digest: z.string() }).optional(),
  /** Of exec under a grant: the command gets a terminal, with this size at first. */
  terminal: terminalSchema.optional(),
  /** The user of the agent's machine to run as; absent: the agent's own. */
  runAs: z.string().optional(),
  /** Of a terminal: seconds without input or output after which it is ended; absent: no limit. */
  idleSeconds: z.number().int().positive().optional(),
  /** Standard input of the command: base64, so that any bytes survive. */
  script: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  requester: z.object({ id: z.string(), email: z.string() }),
  reason: z.string(),
  policy: z.object({
    groups: z.array(z.string()),
    minApprovals: z.number().int(),
    distinctReviewers: z.boolean(),
    forceApproveGroups: z.array(z.string()),
    /** When the run may be consumed; absent: at any time, and in envelopes of releases before. */
    window: z.string().optional(),
  }),
  /** Seconds; 0 for no limit of its own. */
  maxRuntimeSeconds: z.number().int().nonnegative(),
  /** Bytes of stdout and stderr together. */
  maxOutputBytes: z.number().int().positive(),
  /** ISO time until which the run may be consumed. */
  expiresAt: z.string(),
  /** 16 random bytes, base64: two equal requests have different digests. */
  salt: z.string(),
});

export type Envelope = z.infer<typeof envelopeSchema>;

/** JSON with object keys sorted by code unit and no white space: equal values give equal text (after RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}
