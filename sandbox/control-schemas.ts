import { z } from 'zod';
import { FAULT_KINDS } from './faults.ts';

/** What the control API takes. */

const name = z.string().min(1).max(200);
const ts = z.string().regex(/^\d{10,}\.\d{6}$/, 'must look like 1700000000.000100');
const value = z.union([z.string().max(3000), z.array(z.string().max(3000)).max(100)]);
const entries = z.record(
  z.string().max(255),
  z.union([value, z.null(), z.record(z.string().max(255), z.union([value, z.null()]))]),
);

export const messagesQuery = z.object({
  channel: name,
  as: name,
  thread: ts.optional(),
  /** Only what is later than this. */
  after: ts.optional(),
  /** Only the newest so many. */
  limit: z.coerce.number().int().min(1).max(10_000).optional(),
});
export const asQuery = z.object({ as: name });
export const messageBody = z.strictObject({
  as: name,
  channel: name,
  text: z.string().min(1).max(12_000),
  thread_ts: ts.optional(),
});
const place = {
  as: name,
  channel: name.optional(),
  ts: ts.optional(),
  viewId: name.optional(),
  actionId: z.string().min(1).max(255),
  blockId: z.string().min(1).max(255).optional(),
};
const isPlace = (body: { viewId?: unknown; channel?: unknown; ts?: unknown }) =>
  Boolean(body.viewId || (body.channel && body.ts));
const PLACE = 'name channel and ts, or viewId';
export const optionsBody = z.strictObject({ ...place, value: z.string().max(3000).default('') }).refine(isPlace, PLACE);
export const clickBody = z
  .strictObject({
    ...place,
    value: value.optional(),
    /** What was entered in the other fields so far. */
    values: entries.optional(),
  })
  .refine(isPlace, PLACE);
export const commandBody = z.strictObject({
  as: name,
  channel: name,
  command: z.string().regex(/^\/\S+$/, 'must begin with /'),
  text: z.string().max(4000).default(''),
});
export const submitBody = z.strictObject({
  as: name,
  values: entries.default({}),
});
/** `all` is the cross in the corner; without it the one on top is cancelled. */
export const closeBody = z.strictObject({ as: name, all: z.boolean().default(false) });
export const shortcutBody = z.strictObject({
  as: name,
  callbackId: z.string().min(1).max(255),
  channel: name.optional(),
  ts: ts.optional(),
});
export const homeBody = z.strictObject({ as: name, app: name.optional() });
export const dismissBody = z.strictObject({ as: name, channel: name, ts });
export const memberBody = z.strictObject({ channel: name, user: name, as: name.optional() });
export const channelBody = z.strictObject({
  name: z.string().regex(/^[a-z0-9_-]{1,80}$/, 'must be 1 to 80 lower-case letters, digits, "-" or "_"'),
  members: z.array(name).max(100).optional(),
  isPrivate: z.boolean().default(false),
});
export const archiveBody = z.strictObject({ channel: name, archived: z.boolean().default(true) });
export const postingBody = z.strictObject({
  channel: name,
  error: z
    .enum([
      'restricted_action',
      'restricted_action_read_only_channel',
      'restricted_action_thread_only_channel',
      'restricted_action_non_threadable_channel',
    ])
    .nullable()
    .default('restricted_action'),
});
const scopes = z.array(z.string().min(1).max(100)).max(255);
export const tokenBody = z.strictObject({ as: name.optional(), scopes: scopes.default([]) });
export const scopesBody = z.strictObject({ scopes });
export const enabledBody = z.strictObject({ enabled: z.boolean() });
export const revokeBody = z.strictObject({
  token: z.string().min(1).max(500),
  error: z
    .enum([
      'token_revoked',
      'token_expired',
      'account_inactive',
      'invalid_auth',
      'user_removed_from_team',
      'team_disabled',
    ])
    .default('token_revoked'),
});
export const faultBody = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  method: z.string().min(1).max(100).default('*'),
  count: z.int().min(0).max(1_000_000).default(1),
  app: z.string().max(20).optional(),
  retryAfter: z.number().min(0).max(3600).optional(),
  status: z.int().min(500).max(599).optional(),
  error: z.string().max(100).optional(),
  ms: z.int().min(0).max(600_000).optional(),
  reason: z.enum(['warning', 'refresh_requested', 'link_disabled', 'too_many_websockets']).optional(),
});
export const limitsBody = z.strictObject({
  enabled: z.boolean(),
  postsAMinute: z.int().min(1).max(1_000_000).optional(),
});
export const callsQuery = z.object({
  method: z.string().max(100).optional(),
  app: z.string().max(20).optional(),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
});
