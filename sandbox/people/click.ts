import { allBlocks } from '../blocks/attachments.ts';
import { dispatches, type Interactive } from '../blocks/interactive.ts';
import { choose, optionsOf } from '../entry.ts';
import { ControlError } from '../errors.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { App, Json, Message, Person, View } from '../model.ts';
import { actorJson, messageJson, placeJson, viewJson } from '../payloads.ts';
import { mintResponseUrl } from '../response-url.ts';
import { SLACKBOT } from '../seed.ts';
import { mintTrigger } from '../triggers.ts';
import { touched, viewValues, withEntries } from '../view-state.ts';
import { acknowledged, type Acked } from './ack.ts';
import { find, type Aim } from './aim.ts';
import { inviteFromPrompt } from './say.ts';
import { offeredIn } from './suggest.ts';

/** An interaction, or none where the element keeps its value for the submit. */
export interface Clicked extends Acked {
  dispatched: boolean;
}

const KEPT_FOR_SUBMIT: Clicked = { acked: true, ackMs: 0, response: {}, dispatched: false };

/** A person clicks a button or chooses in a menu of a message; done when the app has acknowledged. */
export async function clickMessage(
  context: SandboxContext,
  person: Person,
  message: Message,
  aim: Aim,
  entries: Json = {},
): Promise<Clicked> {
  const { workspace } = context;
  const blocks = allBlocks(message);
  const found = find(blocks, aim);
  if (message.user === SLACKBOT.id) {
    return { ...inviteFromPrompt(context, person, message, found.element), dispatched: true };
  }
  const app = workspace.store.apps.get(message.appId ?? '');
  if (!app) throw new ControlError(404, 'unknown_action', 'That message belongs to no app.');
  const channel = workspace.channel(message.channel)!;
  const team = workspace.team();
  const ephemeral = message.ephemeralTo !== undefined;
  const offered = offeredIn(context, `${message.channel} ${message.ts}`, person);
  const key = `${message.channel} ${message.ts} ${person.id}`;
  const before = viewValues(blocks, workspace.store.messageStates.get(key));
  const values = touched(withEntries(blocks, before, entries, offered), found, aim.value, offered);
  if (Object.keys(values).length > 0) workspace.store.messageStates.putSync(key, values);
  if (!dispatches(found)) return KEPT_FOR_SUBMIT;
  const container = {
    type: 'message',
    message_ts: message.ts,
    channel_id: channel.id,
    is_ephemeral: ephemeral,
    ...(message.threadTs ? { thread_ts: message.threadTs } : {}),
  };
  return interact(context, app, {
    type: 'block_actions',
    ...actorJson(person, team, app),
    container,
    trigger_id: mintTrigger(workspace, app, person.id),
    channel: placeJson(channel),
    ...(ephemeral ? {} : { message: messageJson(message, team) }),
    state: { values },
    response_url: mintResponseUrl(context, 'actions', { app, person, channel, message }),
    actions: [action(context, found, aim, values)],
  });
}

/** The same for an element of a modal or home tab; `entries` is what was typed in its other fields so far. */
export async function clickView(
  context: SandboxContext,
  person: Person,
  view: View,
  aim: Aim,
  entries: Json = {},
): Promise<Clicked> {
  const { workspace, views } = context;
  const found = find(view.blocks, aim);
  const app = workspace.store.apps.get(view.appId)!;
  const offered = offeredIn(context, view.id, person);
  const values = touched(withEntries(view.blocks, view.values, entries, offered), found, aim.value, offered);
  const shown = views.save({ ...view, values });
  if (!dispatches(found)) return KEPT_FOR_SUBMIT;
  return interact(context, app, {
    type: 'block_actions',
    ...actorJson(person, workspace.team(), app),
    container: { type: 'view', view_id: view.id },
    trigger_id: mintTrigger(workspace, app, person.id, view.id),
    view: viewJson(shown, app, workspace.team()),
    actions: [action(context, found, aim, values)],
  });
}

/** Slack sends interactions once: an app that misses one never hears of it. */
async function interact(context: SandboxContext, app: App, payload: Json): Promise<Clicked> {
  if (!app.interactive) {
    throw new ControlError(409, 'interactivity_off', `The manifest of ${app.name} does not enable interactivity.`);
  }
  const delivery = await context.hub.deliver(app.appId, { type: 'interactive', payload, acceptsResponse: false });
  return { ...acknowledged(app, delivery), dispatched: true };
}

/** One entry of `actions`. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
function action(context: SandboxContext, { block, element }: Interactive, aim: Aim, values: View['values']): Json {
  const base = {
    type: element.type,
    action_id: element.action_id,
    block_id: block.block_id,
    action_ts: context.workspace.store.nextTs(context.workspace.clock.now()),
  };
  switch (element.type) {
    case 'button':
    case 'icon_button': {
      const { text, value, style, url } = element;
      return { ...base, text, ...(value ? { value } : {}), ...(style ? { style } : {}), ...(url ? { url } : {}) };
    }
    case 'feedback_buttons': {
      const buttons = [element.positive_button, element.negative_button] as Json[];
      const [chosen] = choose(buttons, [aim.value]);
      return { ...base, text: chosen!.text, value: chosen!.value };
    }
    case 'overflow':
      return { ...base, selected_option: choose(optionsOf(element), [aim.value])[0] };
    default: {
      const { placeholder } = element;
      const held = values[block.block_id!]?.[String(element.action_id)] ?? {};
      return { ...held, ...(placeholder ? { placeholder } : {}), ...base };
    }
  }
}
