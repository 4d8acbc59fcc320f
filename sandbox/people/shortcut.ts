import { ControlError } from '../errors.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { Json, Message, Person } from '../model.ts';
import { actorJson, messageJson, placeJson } from '../payloads.ts';
import { mintResponseUrl } from '../response-url.ts';
import { mintTrigger } from '../triggers.ts';
import { acknowledged, type Acked } from './ack.ts';

/** A person picks a shortcut of an app, from anywhere or from a message's menu. https://docs.slack.dev/interactivity/implementing-shortcuts */
export async function runShortcut(
  context: SandboxContext,
  person: Person,
  callbackId: string,
  message?: Message,
): Promise<Acked> {
  const { workspace, hub } = context;
  const type = message ? 'message' : 'global';
  const app = workspace
    .apps()
    .findLast((entry) => entry.shortcuts?.some((known) => known.callbackId === callbackId && known.type === type));
  if (!app) throw new ControlError(404, 'unknown_shortcut', `No app has a ${type} shortcut "${callbackId}".`);
  const payload = {
    type: message ? 'message_action' : 'shortcut',
    ...actorJson(person, workspace.team(), app),
    action_ts: workspace.store.nextTs(workspace.clock.now()),
    callback_id: callbackId,
    trigger_id: mintTrigger(workspace, app, person.id),
    ...(message ? aboutMessage(context, person, app.appId, message) : {}),
  };
  return acknowledged(app, await hub.deliver(app.appId, { type: 'interactive', payload, acceptsResponse: false }));
}

function aboutMessage(context: SandboxContext, person: Person, appId: string, message: Message): Json {
  const { workspace } = context;
  const app = workspace.store.apps.get(appId)!;
  const channel = workspace.channel(message.channel)!;
  return {
    channel: placeJson(channel),
    message_ts: message.ts,
    message: messageJson(message, workspace.team()),
    response_url: mintResponseUrl(context, 'actions', { app, person, channel }),
  };
}
