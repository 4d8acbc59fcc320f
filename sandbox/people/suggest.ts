import { allBlocks } from '../blocks/attachments.ts';
import { ControlError } from '../errors.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { Json, Message, Person, View } from '../model.ts';
import { actorJson, messageJson, placeJson, viewJson } from '../payloads.ts';
import type { Offered } from '../view-state.ts';
import { acknowledged } from './ack.ts';
import { find, type Aim } from './aim.ts';

/** Where the menu is: in a modal or home tab, or in a message. */
export type Place = { view: View } | { message: Message };

export interface Suggested {
  acked: true;
  ackMs: number;
  options: Json[];
}

/**
 * A person types into a menu whose options the app gives; what it offers can be chosen from then on.
 * https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
 */
export async function suggest(context: SandboxContext, person: Person, place: Place, aim: Aim): Promise<Suggested> {
  const { workspace, hub } = context;
  const source = 'view' in place ? place.view : place.message;
  const { block, element } = find(allBlocks(source), aim);
  if (element.type !== 'external_select' && element.type !== 'multi_external_select') {
    throw new ControlError(409, 'no_external_select', `"${aim.actionId}" has its options already.`);
  }
  const app = workspace.store.apps.get(source.appId ?? '');
  if (!app) throw new ControlError(404, 'unknown_action', 'That message belongs to no app.');
  const team = workspace.team();
  const where =
    'view' in place
      ? { container: { type: 'view', view_id: place.view.id }, view: viewJson(place.view, app, team) }
      : messagePlace(context, place.message);
  const payload = {
    type: 'block_suggestion',
    ...actorJson(person, team, app),
    ...where,
    action_id: element.action_id,
    block_id: block.block_id,
    value: typeof aim.value === 'string' ? aim.value : '',
  };
  const delivery = await hub.deliver(app.appId, { type: 'interactive', payload, acceptsResponse: true });
  const { ackMs, response } = acknowledged(app, delivery);
  const options = offeredBy(response);
  const container = 'view' in place ? place.view.id : `${place.message.channel} ${place.message.ts}`;
  workspace.store.suggestions.putSync(keyOf(container, person, block.block_id, element.action_id), options);
  return { acked: true, ackMs, options };
}

function messagePlace({ workspace }: SandboxContext, message: Message): Json {
  const channel = workspace.channel(message.channel)!;
  const container = {
    type: 'message',
    message_ts: message.ts,
    channel_id: channel.id,
    is_ephemeral: message.ephemeralTo !== undefined,
  };
  return { container, channel: placeJson(channel), message: messageJson(message, workspace.team()) };
}

function offeredBy(response: Json): Json[] {
  const groups = Array.isArray(response.option_groups) ? (response.option_groups as { options?: unknown }[]) : [];
  const lists = [response.options, ...groups.map(({ options }) => options)];
  return lists.flatMap((list) => (Array.isArray(list) ? (list as Json[]) : [])).slice(0, 100);
}

const keyOf = (container: string, person: Person, blockId: unknown, actionId: unknown) =>
  `${container} ${person.id} ${String(blockId)} ${String(actionId)}`.slice(0, 600);

/** What the app last offered that person, per menu. */
export function offeredIn({ workspace }: SandboxContext, container: string, person: Person): Offered {
  return ({ block, element }) =>
    workspace.store.suggestions.get(keyOf(container, person, block.block_id, element.action_id)) ?? [];
}
