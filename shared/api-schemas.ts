/** The REST API's inputs and answers: validation, OpenAPI, the CLI and the console all come from these. */
import { z } from 'zod';
import { askedChannel } from './asked-channels.ts';
import { durationSeconds } from './duration.ts';
import { errorKinds, type ErrorCode } from './errors.ts';
import { grantLimits, limits } from './api-paths.ts';
import { reviewPreview } from './review-list-schemas.ts';
import { requestChange } from './request-change.ts';
import { sessionKinds, sessionStates } from './session-states.ts';
import { policyView, timelineEntry } from './session-timeline.ts';
import { groupStandingSchema } from './stream-events.ts';
import { terminalSchema } from './terminal.ts';
import { groupName, email } from './name-schemas.ts';

export * from './admin-schemas.ts';
export * from './name-schemas.ts';
export { listReviewsQuery, reviewCount } from './review-list-schemas.ts';
export { consolePaths, grantLimits, limits, paths } from './api-paths.ts';

const reason = z.string().max(limits.reasonLength);

// ---- sessions

const grantDuration = durationSeconds(grantLimits.fewestSeconds, grantLimits.mostSeconds).optional();

export const createSessionInput = z.object({
  id: z.uuid().optional().describe('Made by the client; the same id again finds the first session'),
  connection: z.string().min(1).max(63),
  kind: z.enum(sessionKinds).default('exec'),
  script: z
    .string()
    .max(limits.scriptBytes * 2)
    .optional()
    .describe('Standard input of the command'),
  scriptEncoding: z.enum(['utf8', 'base64']).default('utf8'),
  args: z
    .array(z.string().max(limits.argLength))
    .max(limits.args)
    .default([])
    .describe('Appended to the argv of the connection'),
  env: z
    .record(z.string().max(128), z.string().max(limits.envValueLength))
    .default({})
    .refine((env) => Object.keys(env).length <= limits.envCount, `at most ${limits.envCount} variables`),
  reason: reason.optional(),
  duration: grantDuration.describe('connect: how long the grant is to last, e.g. 30m (the default)'),
  grant: z
    .uuid()
    .optional()
    .describe('exec: your active grant to run it under, without a review; connect: the grant to extend'),
  terminal: terminalSchema.optional().describe('exec under a grant: run the command in a terminal'),
  timeout: durationSeconds(1, 7 * 86_400)
    .optional()
    .describe('Of the run, e.g. 10m'),
  correlationId: z.string().max(200).optional(),
});
export type CreateSessionInput = z.infer<typeof createSessionInput>;

const person = z.object({ id: z.string(), email: z.string(), name: z.string() });

export const decisionView = z.object({
  id: z.string(),
  seq: z.number().int(),
  verdict: z.enum(['approve', 'reject', 'cancel', 'revoke']),
  by: person,
  group: z.string().nullable(),
  force: z.boolean(),
  reason: z.string(),
  via: z.enum(['slack', 'console', 'cli', 'api']),
  at: z.string(),
  digest: z.string(),
  duration: z
    .number()
    .int()
    .nullable()
    .describe('connect: seconds that the reviewer allowed at most; null: all that was asked for'),
});
export type DecisionView = z.infer<typeof decisionView>;

export const sessionView = z.object({
  id: z.uuid(),
  kind: z.enum(sessionKinds),
  state: z.enum(sessionStates),
  url: z.string().describe('Its page in the console'),
  connection: z.string(),
  agent: z.object({ name: z.string(), online: z.boolean() }),
  requester: person,
  reason: z.string(),
  correlationId: z.string().nullable(),
  digest: z.string().describe('SHA-256 of the envelope; a decision names it'),
  envelopeVersion: z.number().int(),
  createdAt: z.string(),
  expiresAt: z.string(),
  stateSince: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  duration: z.number().int().nullable().describe('connect: seconds asked for'),
  activeUntil: z.string().nullable().describe('connect: until when the grant lasts, once it is active'),
  terminal: z.boolean().describe('exec under a grant: it has a terminal'),
  grant: z.uuid().nullable().describe('exec: the grant it runs under; connect: the grant it extends'),
  exitCode: z.number().int().nullable().describe("The command's own; 128+n when signal n ended it"),
  exitSignal: z.string().nullable(),
  message: z.string().nullable().describe('Why it ended, or why nobody can approve it now'),
  outputBytes: z.number().int(),
  recordingRemovedAt: z.string().nullable().describe('Since when its recording is not kept any more'),
  review: z.object({
    groups: z.array(groupStandingSchema),
    approvals: z.number().int(),
    approvalsNeeded: z.number().int(),
    forced: z.boolean(),
    askedIn: z.array(z.string()),
    asked: z.array(askedChannel).optional().describe('While it is pending: whether the request can be read there'),
    waitsForMe: z.boolean().optional().describe('In lists of reviews: the signed-in person has still to decide'),
    preview: reviewPreview.optional().describe('In lists of what is pending'),
  }),
});
export type SessionView = z.infer<typeof sessionView>;

/** What the signed-in person may do with a session, and why not. */
export const permission = z.object({ allowed: z.boolean(), why: z.string().nullable() });

export const sessionDetail = sessionView.extend({
  envelope: z.object({
    command: z.array(z.string()),
    args: z.array(z.string()),
    script: z.string(),
    scriptEncoding: z.enum(['utf8', 'base64']),
    env: z.record(z.string(), z.string()),
    terminal: terminalSchema.nullable().describe('With its size at first; null: none'),
    connectionEnvNames: z.array(z.string()),
    connectionVersion: z.number().int(),
    maxRuntimeSeconds: z.number().int().describe('0: no limit'),
    maxOutputBytes: z.number().int(),
    runAs: z.string().nullable().describe("User that the command runs as; null: the agent's own"),
    idleSeconds: z.number().int().describe('Of a terminal; 0: no limit'),
  }),
  change: requestChange.nullable().optional().describe('Why this is not the first version; null: it is'),
  policy: policyView,
  decisions: z.array(decisionView),
  timeline: z.array(timelineEntry).describe('What happened so far, in order'),
  can: z.object({
    approve: permission,
    reject: permission,
    cancel: permission,
    revoke: permission,
    force: permission
      .optional()
      .describe('Approving alone, with a reason; there when the connection names force-approve groups'),
  }),
  myGroups: z.array(z.string()).describe('Groups of this review that the signed-in person is in'),
  workflowUrl: z.string().nullable().describe("The workflow in Temporal's UI; for admins"),
});
export type SessionDetail = z.infer<typeof sessionDetail>;

export const listSessionsQuery = z.object({
  state: z.string().max(200).optional().describe('One state or several, comma separated'),
  connection: z.string().max(63).optional(),
  kind: z.enum(sessionKinds).optional(),
  grant: z.uuid().optional().describe('Sessions under that grant, and its extensions'),
  requester: z.string().max(254).optional().describe('E-mail address, or "me"'),
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(50),
  since: z.string().max(64).optional().describe('ISO time: sessions created then or later'),
  until: z.string().max(64).optional().describe('ISO time: sessions created before it'),
  before: z.string().max(64).optional().describe('Id of a session: those that follow it in this list; or an ISO time'),
  id: z
    .string()
    .regex(/^[0-9a-f]{8}[0-9a-f-]{0,28}$/, 'must be the first 8 characters of a session id, or more')
    .optional()
    .describe('Sessions whose id begins so'),
});
export type ListSessionsQuery = z.infer<typeof listSessionsQuery>;

export const decisionInput = z.object({
  verdict: z.enum(['approve', 'reject']),
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of the request you were shown'),
  reason: reason.optional(),
  group: groupName.optional(),
  duration: grantDuration.describe('connect: approve for at most so long'),
  force: z.boolean().default(false),
});
export type DecisionInput = z.infer<typeof decisionInput>;

export const endInput = z.object({ reason: reason.optional() });

/** Output as stored, for `sessions logs` and the console. */
export const outputQuery = z.object({
  offset: z.coerce.number().int().nonnegative().default(0),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(4 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('Bytes'),
});
export const outputPage = z.object({
  chunks: z.array(
    z.object({
      stream: z
        .enum(['stdout', 'stderr', 'input', 'resize'])
        .describe('input and resize: what was typed into a terminal, and its size'),
      offset: z.number().int(),
      data: z.string().describe('base64'),
      at: z.number().int().nullable().describe('Milliseconds since the command began; null: not known'),
    }),
  ),
  nextOffset: z.number().int(),
  end: z.boolean().describe('Nothing more will come'),
});
export type OutputPage = z.infer<typeof outputPage>;

// ---- signing in

export const loginInput = z.object({
  email,
  password: z.string().min(1).max(1024),
  kind: z.enum(['cli', 'web']).default('cli'),
});
export const me = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  groups: z.array(z.string()),
  admin: z.boolean(),
  slackId: z.string().nullable(),
});
export type Me = z.infer<typeof me>;
export const loginAnswer = z.object({
  token: z.string().nullable().describe('For the CLI; web sign-in sets a cookie'),
  user: me,
});

export const errorBody = z.object({
  error: z.object({ code: z.enum(Object.keys(errorKinds) as [ErrorCode, ...ErrorCode[]]), message: z.string() }),
});
