/** The REST API's inputs and answers: validation, OpenAPI, the CLI and the console all come from these. */
import { z } from 'zod';
import { askedChannel } from './asked-channels.ts';
import { slackPluginParts } from './plugin-parts.ts';
import { durationSeconds, wholeDays } from './duration.ts';
import { errorKinds, type ErrorCode } from './errors.ts';
import { grantLimits, limits } from './api-paths.ts';
import { sessionKinds, sessionStates } from './session-states.ts';
import { policyView, timelineEntry } from './session-timeline.ts';
import { groupStandingSchema } from './stream-events.ts';
import { terminalSchema } from './terminal.ts';

export { consolePaths, grantLimits, limits, paths } from './api-paths.ts';

export const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'must be 1 to 63 lower-case letters, digits, ".", "_" or "-", starting with a letter or digit',
  );
/** Names of groups may hold any characters but commas and control characters. */
export const groupName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^,\p{Cc}]+$/u, 'must have no comma and no control character');
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address');
export const slackId = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,20}$/, 'must be a Slack member id, as in U0123ABCD (profile > More > Copy member ID)');
/** As machines name their users; no option of a program begins so. */
export const userName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.@-]{0,63}$/, 'must be the name of a user, such as deploy');
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

export const listReviewsQuery = z.object({
  state: z.enum(['pending', 'decided', 'all']).default('pending'),
  limit: z.coerce.number().int().min(1).max(limits.pageSize).default(50),
});

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

// ---- administration. `overwrite` changes what is there, and only what is named.

export const userInput = z.object({
  email,
  name: z.string().trim().min(1).max(200).optional(),
  groups: z.array(groupName).max(200).optional(),
  slackId: slackId.nullable().optional(),
  password: z.string().min(8, 'must have at least 8 characters').max(1024).optional(),
  active: z.boolean().optional(),
  overwrite: z.boolean().default(false),
});
export type UserInput = z.infer<typeof userInput>;
export const userView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  groups: z.array(z.string()),
  admin: z.boolean(),
  active: z.boolean(),
  hasPassword: z.boolean(),
  slackId: z.string().nullable(),
  createdAt: z.string(),
});
export type UserView = z.infer<typeof userView>;

export const pluginChannels = z.object({
  name: z.string().min(1).max(63),
  channels: z.array(z.string().trim().min(1).max(100)).max(50).optional(),
});

export const connectionInput = z.object({
  name,
  agent: z.string().min(1).max(63).optional().describe('Required when the connection is new'),
  command: z
    .array(z.string().min(1).max(limits.argLength))
    .max(limits.args)
    .optional()
    .describe('argv; required when the connection is new'),
  reviewers: z.array(groupName).max(100).optional().describe('Groups that must each approve; empty: runs at once'),
  plugins: z.array(pluginChannels).max(10).optional(),
  env: z
    .record(z.string().max(128), z.string().max(limits.envValueLength))
    .optional()
    .describe('Sealed at rest, never given back'),
  allowEnv: z
    .array(z.string().max(128))
    .max(100)
    .optional()
    .describe('Names that -e may set although they change how programs load'),
  tags: z.record(z.string().max(63), z.string().max(256)).optional(),
  accessModes: z.array(z.enum(sessionKinds)).min(1).optional(),
  minApprovals: z.number().int().min(0).max(100).optional(),
  distinctReviewers: z.boolean().optional(),
  forceApproveGroups: z.array(groupName).max(100).optional(),
  requireReason: z.boolean().optional(),
  window: z
    .string()
    .max(200)
    .optional()
    .describe("When approved commands may begin, e.g. 'Mon-Fri 22:00-02:00 Europe/Berlin'; empty: at any time"),
  expire: durationSeconds(60, 30 * 86_400)
    .optional()
    .describe('How long a request may wait, e.g. 24h'),
  maxRuntime: durationSeconds(0, 30 * 86_400)
    .optional()
    .describe('0: no limit'),
  maxDuration: durationSeconds(grantLimits.fewestSeconds, grantLimits.mostSeconds)
    .optional()
    .describe('Longest that may be asked for with connect; 48h unless told'),
  maxOutput: z
    .number()
    .int()
    .min(1)
    .max(1024 ** 4)
    .optional()
    .describe('Bytes'),
  runAs: z
    .union([z.literal(''), userName])
    .optional()
    .describe("User of the agent's machine that commands run as; empty: the agent's own"),
  maxInput: z.number().int().min(1).max(limits.scriptBytes).optional().describe('Bytes of standard input'),
  maxRuns: z.number().int().min(0).max(limits.runs).optional().describe('Commands at once; 0: no limit'),
  idle: durationSeconds(0, 7 * 86_400)
    .optional()
    .describe('A terminal without input or output for so long is ended, e.g. 15m; 0: no limit'),
  keep: wholeDays(3650).optional().describe('How long recordings are kept, e.g. 90d; 0: for ever'),
  overwrite: z.boolean().default(false),
});
export type ConnectionInput = z.infer<typeof connectionInput>;
export const connectionView = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number().int(),
  agent: z.string(),
  agentOnline: z.boolean(),
  command: z.array(z.string()),
  reviewers: z.array(z.string()),
  minApprovals: z.number().int(),
  distinctReviewers: z.boolean(),
  forceApproveGroups: z.array(z.string()),
  requireReason: z.boolean(),
  window: z.string().nullable().describe('When approved commands may begin; null: at any time'),
  plugins: z.array(z.object({ name: z.string(), channels: z.array(z.string()) })),
  envNames: z.array(z.string()),
  allowEnv: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
  accessModes: z.array(z.string()),
  expire: z.string(),
  maxRuntime: z.string(),
  maxDuration: z.string().describe('Of a grant'),
  maxOutput: z.number().int(),
  runAs: z.string().nullable().describe("Null: the agent's own user"),
  maxInput: z.number().int().describe('Bytes'),
  maxRuns: z.number().int().describe('Commands at once; 0: no limit'),
  idle: z.string().describe('Of a terminal; 0s: no limit'),
  keep: z.string().describe('How long recordings are kept; 0s: for ever'),
  createdAt: z.string(),
  updatedAt: z.string(),
  warnings: z.array(z.string()).describe('What an admin should know, e.g. that a group has no member'),
});
export type ConnectionView = z.infer<typeof connectionView>;

export const agentInput = z.object({
  name,
  maxRuns: z.number().int().min(0).max(limits.runs).optional().describe('Commands at once, an instance; 0: no limit'),
  overwrite: z.boolean().default(false),
});
export const agentView = z.object({
  id: z.string(),
  name: z.string(),
  online: z.boolean(),
  maxRuns: z.number().int().describe('Commands at once, an instance; 0: no limit'),
  createdAt: z.string(),
  instances: z.array(
    z.object({
      id: z.string(),
      hostname: z.string(),
      version: z.string(),
      online: z.boolean(),
      gateway: z.string().nullable().describe('Address of the replica that it is connected to'),
      draining: z.boolean().describe('It is being stopped, and takes no new work'),
      labels: z.record(z.string(), z.string()).describe('HOOP_AGENT_LABELS of its machine'),
      roundTripMs: z.number().nullable().describe('Of its line, measured by the gateway; null: not yet'),
      running: z.array(z.uuid()).describe('Sessions, the longest running first'),
      connectedAt: z.string().nullable(),
      lastSeenAt: z.string().nullable(),
    }),
  ),
  connections: z.array(z.string()),
});
export type AgentView = z.infer<typeof agentView>;
export const agentCreated = agentView.extend({
  token: z
    .string()
    .optional()
    .describe('Shown once; HOOP_AGENT_TOKEN of the agent. Absent where only a limit was changed'),
});

export const pluginInput = z.object({
  config: z.record(z.string().max(100), z.string().max(4096)).default({}),
  overwrite: z.boolean().default(false),
});
export const pluginView = z.object({
  name: z.string(),
  configured: z.array(z.string()).describe('Names of the settings that are set; their values are never given back'),
  team: z.object({ id: z.string(), name: z.string() }).nullable(),
  botUser: z.string().nullable(),
  apiUrl: z.string().nullable(),
  scopes: z.array(z.string()),
  state: z.enum(['connected', 'connecting', 'error', 'off']),
  lastError: z.string().nullable(),
  updatedAt: z.string(),
  ...slackPluginParts,
});
export type PluginView = z.infer<typeof pluginView>;

export const errorBody = z.object({
  error: z.object({ code: z.enum(Object.keys(errorKinds) as [ErrorCode, ...ErrorCode[]]), message: z.string() }),
});
