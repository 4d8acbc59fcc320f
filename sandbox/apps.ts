import { secret, slackId } from './ids.ts';
import type { Manifest } from './manifest.ts';
import type { App, Token } from './model.ts';
import type { Workspace } from './workspace.ts';

/** Those of hoop's app-level token. */
export const APP_TOKEN_SCOPES = ['connections:write', 'app_configurations:write'];

/** Installs an app, or changes the one of the same name and keeps its ids and tokens, which work again. */
export function installApp(workspace: Workspace, manifest: Manifest): App {
  const { store } = workspace;
  const { features, settings } = manifest;
  return store.transaction(() => {
    const name = manifest.display_information.name;
    const known = store.all(store.apps).find((app) => app.name === name);
    const app: App = {
      ...(known ?? newIdentity(store.next('apps'))),
      name,
      botName: features?.bot_user?.display_name ?? name,
      scopes: manifest.oauth_config?.scopes?.bot ?? [],
      botEvents: settings?.event_subscriptions?.bot_events ?? [],
      interactive: settings?.interactivity?.is_enabled ?? false,
      socketMode: settings?.socket_mode_enabled ?? false,
      homeTab: features?.app_home?.home_tab_enabled ?? false,
      uninstalled: false,
      shortcuts: (features?.shortcuts ?? []).map(({ callback_id: callbackId, ...entry }) => ({ ...entry, callbackId })),
      commands: (features?.slash_commands ?? []).map((entry) => ({
        command: entry.command,
        description: entry.description,
        shouldEscape: entry.should_escape ?? false,
        ...(entry.usage_hint ? { usageHint: entry.usage_hint } : {}),
      })),
    };
    store.apps.putSync(app.appId, app);
    store.tokens.putSync(app.botToken, { kind: 'bot', appId: app.appId });
    store.tokens.putSync(app.appToken, { kind: 'app', appId: app.appId, scopes: APP_TOKEN_SCOPES });
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
    appToken: appTokenOf(appId),
  };
}

const appTokenOf = (appId: string) => `xapp-sandbox-1-${appId}-${secret()}`;

/** Another token of an app: an app-level one with these scopes, or that of a person. */
export function mintToken(workspace: Workspace, app: App, token: Pick<Token, 'scopes' | 'personId'>): string {
  const { personId } = token;
  const text = personId ? `xoxp-sandbox-${secret()}` : appTokenOf(app.appId);
  workspace.store.tokens.putSync(text, { ...token, kind: personId ? 'user' : 'app', appId: app.appId });
  return text;
}

/** The app leaves the workspace: its bot's and people's tokens end; its app-level ones are its own. */
export function uninstallApp(workspace: Workspace, app: App): void {
  const { store } = workspace;
  store.transaction(() => {
    for (const { key, value } of store.tokens.getRange({})) {
      if (value.appId === app.appId && value.kind !== 'app') {
        store.tokens.putSync(key, { ...value, revoked: 'account_inactive' });
      }
    }
    for (const channel of workspace.channels()) {
      if (channel.members.includes(app.botUserId)) workspace.setMember(channel, app.botUserId, false);
    }
    store.apps.putSync(app.appId, { ...app, uninstalled: true });
  });
}
