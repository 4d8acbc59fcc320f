import { z } from 'zod';
import { secret, slackId } from './ids.ts';
import type { App } from './model.ts';
import type { Workspace } from './workspace.ts';

/** The parts of an app manifest that the sandbox acts on; limits as in Slack's manifest reference. */
export const manifestSchema = z.object({
  _metadata: z.looseObject({}).optional(),
  display_information: z.looseObject({
    name: z.string().min(1).max(35),
    description: z.string().max(140).optional(),
  }),
  features: z
    .looseObject({
      bot_user: z.looseObject({ display_name: z.string().min(1).max(80) }).optional(),
      slash_commands: z
        .array(
          z.strictObject({
            command: z.string().regex(/^\//, 'must begin with /').max(32),
            description: z.string().min(1).max(2000),
            url: z.string().optional(),
            usage_hint: z.string().max(1000).optional(),
            should_escape: z.boolean().optional(),
          }),
        )
        .min(1)
        .max(50)
        .optional(),
    })
    .optional(),
  oauth_config: z
    .looseObject({ scopes: z.looseObject({ bot: z.array(z.string()).max(255).optional() }).optional() })
    .optional(),
  settings: z
    .looseObject({
      event_subscriptions: z.looseObject({ bot_events: z.array(z.string()).max(100).optional() }).optional(),
      interactivity: z.looseObject({ is_enabled: z.boolean() }).optional(),
      socket_mode_enabled: z.boolean().optional(),
    })
    .optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Installs an app, or changes the one of the same name and keeps its ids and tokens. */
export function installApp(workspace: Workspace, manifest: Manifest): App {
  const { store } = workspace;
  return store.transaction(() => {
    const name = manifest.display_information.name;
    const known = workspace.apps().find((app) => app.name === name);
    const app: App = {
      ...(known ?? newIdentity(store.next('apps'))),
      name,
      botName: manifest.features?.bot_user?.display_name ?? name,
      scopes: manifest.oauth_config?.scopes?.bot ?? [],
      botEvents: manifest.settings?.event_subscriptions?.bot_events ?? [],
      interactive: manifest.settings?.interactivity?.is_enabled ?? false,
      socketMode: manifest.settings?.socket_mode_enabled ?? false,
      commands: (manifest.features?.slash_commands ?? []).map((entry) => ({
        command: entry.command,
        description: entry.description,
        shouldEscape: entry.should_escape ?? false,
        ...(entry.usage_hint ? { usageHint: entry.usage_hint } : {}),
      })),
    };
    store.apps.putSync(app.appId, app);
    store.tokens.putSync(app.botToken, { kind: 'bot', appId: app.appId });
    store.tokens.putSync(app.appToken, { kind: 'app', appId: app.appId });
    return app;
  });
}

function newIdentity(order: number) {
  const appId = slackId('A');
  return {
    appId,
    order,
    botId: slackId('B'),
    botUserId: slackId('U'),
    botToken: `xoxb-sandbox-${secret()}`,
    appToken: `xapp-sandbox-1-${appId}-${secret()}`,
  };
}
