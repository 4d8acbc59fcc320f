import { elementsOf } from '../blocks/validate.ts';
import { ControlError } from '../errors.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { App, Block, Json, Message, Person, View } from '../model.ts';
import { actorJson, messageJson, viewJson } from '../payloads.ts';
import { mintResponseUrl } from '../response-url.ts';
import { SLACKBOT } from '../seed.ts';
import { mintTrigger } from '../triggers.ts';
import { entered, optionsOf } from '../view-state.ts';
import { acknowledged, type Acked } from './ack.ts';
import { inviteFromPrompt } from './say.ts';

export interface Aim {
  actionId: string;
  blockId?: string | undefined;
  /** The option of a select, or which button when several have one action id. */
  value?: string | string[] | undefined;
}

interface Found {
  block: Block;
  element: Json;
}

/** A person clicks a button or chooses in a menu of a message; done when the app has acknowledged. */
export async function clickMessage(
  context: SandboxContext,
  person: Person,
  message: Message,
  aim: Aim,
): Promise<Acked> {
  const { workspace } = context;
  const found = find(message.blocks ?? [], aim);
  if (message.user === SLACKBOT.id) return inviteFromPrompt(context, person, message, found.element);
  const app = workspace.store.apps.get(message.appId ?? '');
  if (!app) throw new ControlError(404, 'unknown_action', 'That message belongs to no app.');
  const channel = workspace.channel(message.channel)!;
  const team = workspace.team();
  const ephemeral = message.ephemeralTo !== undefined;
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
    channel: { id: channel.id, name: channel.im ? 'directmessage' : channel.isPrivate ? 'privategroup' : channel.name },
    ...(ephemeral ? {} : { message: messageJson(message, team) }),
    state: { values: {} },
    response_url: mintResponseUrl(context, 'actions', { app, person, channel, message }),
    actions: [action(context, found, aim)],
  });
}

/** The same for an element of a modal or home tab. */
export async function clickView(context: SandboxContext, person: Person, view: View, aim: Aim): Promise<Acked> {
  const { workspace, views } = context;
  const found = find(view.blocks, aim);
  const app = workspace.store.apps.get(view.appId)!;
  const { block, element } = found;
  const blockValues = view.values[block.block_id!];
  const touched = blockValues?.[String(element.action_id)]
    ? {
        ...view.values,
        [block.block_id!]: { ...blockValues, [String(element.action_id)]: entered(element, aim.value) },
      }
    : view.values;
  const shown = views.save({ ...view, values: touched });
  return interact(context, app, {
    type: 'block_actions',
    ...actorJson(person, workspace.team(), app),
    container: { type: 'view', view_id: view.id },
    trigger_id: mintTrigger(workspace, app, person.id, view.id),
    view: viewJson(shown, app, workspace.team()),
    actions: [action(context, found, aim)],
  });
}

/** Slack sends interactions once: an app that misses one never hears of it. */
async function interact(context: SandboxContext, app: App, payload: Json): Promise<Acked> {
  if (!app.interactive) {
    throw new ControlError(409, 'interactivity_off', `The manifest of ${app.name} does not enable interactivity.`);
  }
  return acknowledged(
    app,
    await context.hub.deliver(app.appId, { type: 'interactive', payload, acceptsResponse: false }),
  );
}

function find(blocks: Block[], { actionId, blockId, value }: Aim): Found {
  const candidates = blocks
    .filter((block) => !blockId || block.block_id === blockId)
    .flatMap((block) => elementsOf(block).map((element) => ({ block, element })))
    .filter(({ element }) => element.action_id === actionId);
  const exact = candidates.find(({ element }) => element.type !== 'button' || !value || element.value === value);
  if (!exact)
    throw new ControlError(404, 'unknown_action', `There is nothing to click with action id "${actionId}" there.`);
  return exact;
}

function action(context: SandboxContext, { block, element }: Found, aim: Aim): Json {
  const base = {
    type: element.type,
    action_id: element.action_id,
    block_id: block.block_id,
    action_ts: context.workspace.store.nextTs(context.workspace.clock.now()),
  };
  if (element.type === 'button') {
    const { text, value, style, url } = element;
    return { ...base, text, ...(value ? { value } : {}), ...(style ? { style } : {}), ...(url ? { url } : {}) };
  }
  if (element.type === 'overflow') {
    return { ...base, selected_option: optionsOf(element).find((option) => option.value === aim.value) ?? null };
  }
  return { ...entered(element, aim.value ?? null), ...base };
}
