/** Modals as the people of the sandbox see them. */
import { slackClient } from '#core/slack-client.ts';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { eventually } from '../support/eventually.ts';
import { click, OPS, requestReview, shownText, type SeenMessage, type World } from './world.ts';

export interface SeenView {
  id: string;
  callback_id: string;
  private_metadata: string;
  title: { text: string };
  submit: { text: string } | null;
  blocks: {
    type: string;
    block_id: string;
    element?: { type: string; options?: { value: string; text: { text: string } }[] };
    elements?: { action_id?: string }[];
  }[];
}

/** A request whose message is in #ops. */
export async function askInSlack(world: World, options: Parameters<typeof requestReview>[1] = {}): Promise<string> {
  const sessionId = await requestReview(world, options);
  await world.activities.syncSlackMessage({ sessionId, channel: OPS });
  return sessionId;
}

export async function viewsOf(world: World, as: string): Promise<SeenView[]> {
  return (await world.control.get(`views?as=${as}`)).views as unknown as SeenView[];
}

/** The person's modal, once it is filled. */
export function filledView(world: World, as: string): Promise<SeenView> {
  return eventually(
    async () => {
      const [view] = await viewsOf(world, as);
      return view && !shownText(view).includes('One moment') && view;
    },
    { describe: `a filled modal for ${as}` },
  );
}

/** Clicks a button of a message and waits for the modal. */
export async function openModal(world: World, as: string, actionId: string, message?: SeenMessage): Promise<SeenView> {
  const clicked = await click(world, as, actionId, message);
  if (clicked.status !== 200) throw new Error(JSON.stringify(clicked));
  return filledView(world, as);
}

export const clickInView = (world: World, as: string, view: { id: string }, actionId: string) =>
  world.control.post('click', { as, viewId: view.id, actionId });

/** Turns the page and waits for what it shows. */
export async function turn(world: World, as: string, view: SeenView, actionId: string): Promise<SeenView> {
  await clickInView(world, as, view, actionId);
  return eventually(
    async () => {
      const [now] = await viewsOf(world, as);
      return now && now.private_metadata !== view.private_metadata && now;
    },
    { describe: `another page for ${as}` },
  );
}

export const submit = (world: World, as: string, view: { id: string }, values: Record<string, unknown> = {}) =>
  world.control.post(`views/${view.id}/submit`, { as, values });

async function client(world: World) {
  const tokens = await openSlackTokens(world.core);
  if (!tokens) throw new Error('Slack is not configured');
  return slackClient(tokens.botToken, tokens.apiUrl, world.core.log);
}

/** Puts other metadata into an open modal, with a button to submit it: what hoop itself never does. */
export async function forge(world: World, view: SeenView, metadata: string): Promise<void> {
  const { title, callback_id, blocks } = view;
  const forged = { type: 'modal', title, callback_id, blocks, submit: title, private_metadata: metadata };
  await (await client(world)).views.update({ view_id: view.id, view: forged as never });
}

/** A message with one button, as an older hoop or a copy might have left it. */
export async function postButton(
  world: World,
  {
    actionId,
    value,
    channel = OPS,
    blockId = 'decide',
  }: { actionId: string; value: string; channel?: string; blockId?: string },
): Promise<{ channel: string; ts: string }> {
  const button = { type: 'button', action_id: actionId, value, text: { type: 'plain_text', text: 'Press' } };
  const blocks = [{ type: 'actions', block_id: blockId, elements: [button] }];
  const slack = await client(world);
  const to = channel.startsWith('U')
    ? ((await slack.conversations.open({ users: channel })).channel?.id ?? '')
    : channel;
  const posted = await slack.chat.postMessage({ channel: to, text: 'an old one', blocks: blocks as never });
  return { channel: to, ts: posted.ts ?? '' };
}

export const clickAt = (world: World, as: string, actionId: string, at: { channel: string; ts: string }) =>
  world.control.post('click', { as, ...at, actionId });
