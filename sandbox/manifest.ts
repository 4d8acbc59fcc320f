import { z } from 'zod';

/** An app manifest as Slack takes it: unknown keys are refused. https://docs.slack.dev/reference/app-manifest */

const url = z.url().max(3000);
const scopes = z
  .array(
    z
      .string()
      .regex(/^[a-z][a-z0-9_.:-]*$/, 'must be a scope')
      .max(100),
  )
  .max(255);
const events = z
  .array(
    z
      .string()
      .regex(/^[a-z][a-z0-9_.:]*$/, 'must be an event')
      .max(100),
  )
  .max(100);

const displayInformation = z.strictObject({
  name: z.string().min(1).max(35),
  description: z.string().max(140).optional(),
  long_description: z.string().min(175).max(4000).optional(),
  background_color: z
    .string()
    .regex(/^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/, 'must be a colour such as #7a7879')
    .optional(),
});

const slashCommand = z.strictObject({
  command: z.string().regex(/^\//, 'must begin with /').max(32),
  description: z.string().min(1).max(2000),
  url: url.optional(),
  usage_hint: z.string().max(1000).optional(),
  should_escape: z.boolean().optional(),
});

const shortcut = z.strictObject({
  name: z.string().min(1).max(24),
  type: z.enum(['global', 'message']),
  callback_id: z.string().min(1).max(255),
  description: z.string().min(1).max(150),
});

const features = z.strictObject({
  app_home: z
    .strictObject({
      home_tab_enabled: z.boolean().optional(),
      messages_tab_enabled: z.boolean().optional(),
      messages_tab_read_only_enabled: z.boolean().optional(),
    })
    .optional(),
  assistant_view: z.looseObject({}).optional(),
  bot_user: z
    .strictObject({
      display_name: z
        .string()
        .regex(/^[\w .-]+$/, 'may have letters, digits, spaces and -_. only')
        .max(80),
      always_online: z.boolean().optional(),
    })
    .optional(),
  rich_previews: z.looseObject({}).optional(),
  shortcuts: z.array(shortcut).min(1).max(10).optional(),
  slash_commands: z.array(slashCommand).min(1).max(50).optional(),
  unfurl_domains: z.array(z.string().max(255)).max(5).optional(),
  workflow_steps: z.array(z.looseObject({})).max(10).optional(),
});

const oauthConfig = z.strictObject({
  redirect_urls: z.array(url).max(1000).optional(),
  scopes: z
    .strictObject({
      bot: scopes.optional(),
      user: scopes.optional(),
      bot_optional: scopes.optional(),
      user_optional: scopes.optional(),
    })
    .optional(),
  token_management_enabled: z.boolean().optional(),
  pkce_enabled: z.boolean().optional(),
});

const settings = z.strictObject({
  allowed_ip_address_ranges: z.array(z.string().max(50)).max(10).optional(),
  event_subscriptions: z
    .strictObject({
      request_url: url.optional(),
      bot_events: events.optional(),
      user_events: events.optional(),
      metadata_subscriptions: z.array(z.looseObject({})).optional(),
    })
    .optional(),
  incoming_webhooks: z.strictObject({ incoming_webhooks_enabled: z.boolean().optional() }).optional(),
  interactivity: z
    .strictObject({
      is_enabled: z.boolean(),
      request_url: url.optional(),
      message_menu_options_url: url.optional(),
    })
    .optional(),
  org_deploy_enabled: z.boolean().optional(),
  socket_mode_enabled: z.boolean().optional(),
  token_rotation_enabled: z.boolean().optional(),
  is_hosted: z.boolean().optional(),
  is_mcp_enabled: z.boolean().optional(),
  siws_links: z.looseObject({}).optional(),
  function_runtime: z.enum(['remote', 'slack']).optional(),
});

/** The scope an event needs; Slack refuses a subscription without it. */
const EVENT_SCOPES: Record<string, string> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
};

export const manifestSchema = z
  .strictObject({
    _metadata: z
      .strictObject({
        schema: z.string().optional(),
        major_version: z.union([z.literal(1), z.literal(2), z.literal('1'), z.literal('2')]).optional(),
        minor_version: z.union([z.number(), z.string()]).optional(),
      })
      .optional(),
    display_information: displayInformation,
    features: features.optional(),
    oauth_config: oauthConfig.optional(),
    settings: settings.optional(),
    functions: z.record(z.string(), z.looseObject({})).optional(),
    workflows: z.record(z.string(), z.looseObject({})).optional(),
    outgoing_domains: z.array(z.string().max(50)).max(10).optional(),
  })
  .superRefine((manifest, context) => {
    const report = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const held = manifest.oauth_config?.scopes?.bot ?? [];
    const { settings: set, features: has } = manifest;
    for (const event of set?.event_subscriptions?.bot_events ?? []) {
      const scope = EVENT_SCOPES[event];
      const path = ['settings', 'event_subscriptions', 'bot_events'];
      if (scope && !held.includes(scope)) report(path, `${event} needs the bot scope ${scope}`);
    }
    if ((has?.slash_commands || has?.shortcuts) && !held.includes('commands')) {
      report(['oauth_config', 'scopes', 'bot'], 'slash commands and shortcuts need the bot scope commands');
    }
    if (held.length > 0 && !has?.bot_user) report(['features', 'bot_user'], 'bot scopes need a bot user');
    const commands = new Set(has?.slash_commands?.map(({ command }) => command));
    if (commands.size < (has?.slash_commands?.length ?? 0)) {
      report(['features', 'slash_commands'], 'each command may be there once');
    }
    if (set?.socket_mode_enabled) return;
    if (set?.interactivity?.is_enabled && !set.interactivity.request_url) {
      report(['settings', 'interactivity', 'request_url'], 'is needed without Socket Mode');
    }
    if (set?.event_subscriptions?.bot_events?.length && !set.event_subscriptions.request_url) {
      report(['settings', 'event_subscriptions', 'request_url'], 'is needed without Socket Mode');
    }
    has?.slash_commands?.forEach((command, index) => {
      if (!command.url) report(['features', 'slash_commands', String(index), 'url'], 'is needed without Socket Mode');
    });
  });
export type Manifest = z.infer<typeof manifestSchema>;
