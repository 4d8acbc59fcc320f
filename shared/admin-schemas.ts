/** The REST API's inputs and answers for admins. `overwrite` changes what is there, and only what is named. */
import { z } from 'zod';
import { grantLimits, limits } from './api-paths.ts';
import { durationSeconds, wholeDays } from './duration.ts';
import { email, groupName, name, slackId, userName } from './name-schemas.ts';
import { slackPluginParts } from './plugin-parts.ts';
import { sessionKinds } from './session-states.ts';

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
  changeEnv: z
    .record(z.string().max(128), z.union([z.string().max(limits.envValueLength), z.null()]))
    .optional()
    .describe('Some of env: a value sets that variable, null removes it, the others stay'),
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
  revision: z
    .number()
    .int()
    .optional()
    .describe('With overwrite: of the connection that the change was made for; refused when it is another by now'),
  overwrite: z.boolean().default(false),
});
export type ConnectionInput = z.infer<typeof connectionInput>;
export const connectionView = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number().int().describe('Counts the changes of what reviewers approve'),
  revision: z.number().int().describe('Counts all changes'),
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
  whyNobody: z
    .string()
    .optional()
    .describe('Why nobody could complete the review of a request of yours today, e.g. "nobody but you is in sre"'),
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
  gatewayUrl: z.string().describe('Where it dials in: HOOP_GATEWAY_URL of the agent'),
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
