import { interactive } from '../blocks/interactive.ts';
import { ControlError, SlackError } from '../errors.ts';
import type { SandboxContext } from '../methods/method.ts';
import type { App, Json, Person, View } from '../model.ts';
import { actorJson, viewJson } from '../payloads.ts';
import { mintResponseUrl } from '../response-url.ts';
import { mintTrigger } from '../triggers.ts';
import { incomplete, withEntries } from '../view-state.ts';
import { acknowledged } from './ack.ts';
import { offeredIn } from './suggest.ts';

export interface Submitted {
  acked: true;
  ackMs: number;
  responseAction: 'errors' | 'update' | 'push' | 'clear' | null;
  errors?: Record<string, string>;
}

/** A person fills a modal and submits it; the app's response action is carried out. */
export async function submitView(
  context: SandboxContext,
  person: Person,
  view: View,
  entries: Json,
): Promise<Submitted> {
  const { workspace, views, hub } = context;
  if (!view.submit) throw new ControlError(409, 'no_submit', 'That modal has no submit button.');
  const values = withEntries(view.blocks, view.values, entries, offeredIn(context, view.id, person));
  const { errors: _before, ...rest } = view;
  const missing = incomplete(view.blocks, values);
  if (Object.keys(missing).length > 0) {
    views.save({ ...rest, values, errors: missing });
    throw new ControlError(422, 'view_incomplete', 'Some fields need another look.', { errors: missing });
  }
  const filled = views.save({ ...rest, values });
  const app = workspace.store.apps.get(view.appId)!;
  const payload = {
    type: 'view_submission',
    ...actorJson(person, workspace.team(), app),
    trigger_id: mintTrigger(workspace, app, person.id, view.id),
    view: viewJson(filled, app, workspace.team()),
    response_urls: responseUrlsOf(context, person, filled),
  };
  const delivery = await hub.deliver(app.appId, { type: 'interactive', payload, acceptsResponse: true });
  const { ackMs, response } = acknowledged(app, delivery);
  try {
    return { acked: true, ackMs, ...carryOut(context, app, filled, response) };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    const details = JSON.stringify(error.extra);
    throw new ControlError(502, 'bad_response_action', `The app's answer was refused: ${error.code} ${details}`);
  }
}

/** https://docs.slack.dev/surfaces/modals#response_actions */
function carryOut(
  context: SandboxContext,
  app: App,
  view: View,
  response: Json,
): Pick<Submitted, 'responseAction' | 'errors'> {
  const { views } = context;
  switch (response.response_action) {
    case 'errors': {
      const errors = (response.errors ?? {}) as Record<string, string>;
      const inputs = view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id!);
      const stray = Object.keys(errors).find((blockId) => !inputs.includes(blockId));
      if (stray) throw new SlackError('invalid_arguments', { errors: `no input block "${stray}" in the view` });
      const latest = views.get(view.id);
      if (latest) views.save({ ...latest, errors });
      return { responseAction: 'errors', errors };
    }
    case 'update':
      views.update(app, view, response.view);
      return { responseAction: 'update' };
    case 'push':
      views.push(app, view.personId, response.view);
      return { responseAction: 'push' };
    case 'clear':
      views.closeAll(view.personId);
      return { responseAction: 'clear' };
    default:
      views.close(view);
      return { responseAction: null };
  }
}

/** An address for each conversation that was chosen in a menu which asks for one. */
function responseUrlsOf(context: SandboxContext, person: Person, view: View): Json[] {
  const app = context.workspace.store.apps.get(view.appId)!;
  return interactive(view.blocks)
    .filter(({ block, element }) => block.type === 'input' && element.response_url_enabled === true)
    .flatMap(({ block, element }) => {
      const held = view.values[block.block_id!]?.[String(element.action_id)] ?? {};
      const channel = context.workspace.channel(String(held.selected_conversation ?? held.selected_channel ?? ''));
      if (!channel) return [];
      const response_url = mintResponseUrl(context, 'actions', { app, person, channel });
      return [{ block_id: block.block_id, action_id: element.action_id, channel_id: channel.id, response_url }];
    });
}

/**
 * A person cancels the modal on top, or closes `all` of them by the cross; the app hears of those that asked for it.
 * https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_closed
 */
export async function closeView(context: SandboxContext, person: Person, view: View, all = false): Promise<void> {
  const { workspace, views, hub } = context;
  const cleared = view.clearOnClose || all;
  const stack = views.stackOf(person.id);
  const closed = cleared ? stack : stack.filter((entry) => entry.depth >= view.depth);
  for (const open of closed) views.close(open);
  for (const gone of closed.toReversed().filter(({ notifyOnClose }) => notifyOnClose)) {
    const app = workspace.store.apps.get(gone.appId)!;
    const payload = {
      type: 'view_closed',
      ...actorJson(person, workspace.team(), app),
      view: viewJson(gone, app, workspace.team()),
      is_cleared: cleared,
    };
    await hub.deliver(app.appId, { type: 'interactive', payload, acceptsResponse: false });
  }
}
