import { secret } from '../ids.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { App, Json } from '../model.ts';

export interface AppEvent {
  /** As a manifest's `bot_events` names it. */
  name: string;
  /** The scope it needs, if any. */
  scope?: string;
  event: Json;
}

/** Tells an app of an event if it subscribes to it and holds its scope. https://docs.slack.dev/apis/events-api */
export function publishEvent({ workspace, hub }: SandboxContext, app: App, { name, scope, event }: AppEvent): void {
  if (!app.botEvents.includes(name) || (scope && !app.scopes.includes(scope))) return;
  const team = workspace.team();
  const eventId = `Ev0${secret(5).toUpperCase()}`;
  hub.publish(app.appId, eventId, {
    token: 'sandbox-verification-token',
    team_id: team.id,
    context_team_id: team.id,
    api_app_id: app.appId,
    event,
    type: 'event_callback',
    event_id: eventId,
    event_time: Math.floor(workspace.clock.now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: app.botUserId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${secret(12)}`,
  });
}
