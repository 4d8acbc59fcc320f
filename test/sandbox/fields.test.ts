import { describe, expect, test } from 'vitest';
import { clientOf, install, startSandbox } from './support.ts';
import { openSocket } from './raw-socket.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text, emoji: true });
const options = ['sre', 'admin'].map((value) => ({ text: plain(value), value }));
const [sre, admin] = options;
const select = { type: 'static_select', action_id: 'group', options, placeholder: plain('Which?') };
const radio = { type: 'radio_buttons', action_id: 'how', options, initial_option: sre };
const boxes = { type: 'checkboxes', action_id: 'which', options };
const menu = { type: 'overflow', action_id: 'more', options };
const field = (block_id: string, element: object, more: object = {}) => ({
  type: 'input',
  block_id,
  label: plain(block_id),
  element,
  ...more,
});
const actions = { type: 'actions', block_id: 'choose', elements: [select, radio, boxes, menu] };
const why = field('why', { type: 'plain_text_input', action_id: 'text' });
const how = field('how', { type: 'plain_text_input', action_id: 'text' }, { dispatch_action: true });

async function setUp() {
  const sandbox = await startSandbox();
  const tokens = await install(sandbox.control);
  const client = clientOf(sandbox, tokens.botToken);
  let answer: object = {};
  const socket = await openSocket(sandbox, tokens, { ack: () => answer });
  return { sandbox, client, socket, offer: (payload: object) => (answer = payload) };
}
type World = Awaited<ReturnType<typeof setUp>>;

/** A message with the blocks, and a click in it that gives the payload the app got. */
async function message({ sandbox, client, socket }: World, blocks: object[]) {
  const { ts } = await client.chat.postMessage({ channel: 'ops', text: 'x', blocks: blocks as never });
  return async (actionId: string, more: object = {}) => {
    const reply = await sandbox.control.post('click', { as: 'bob', channel: 'ops', ts, actionId, ...more });
    return { reply, payload: socket.payloads.at(-1)?.payload };
  };
}

/** The same in a modal that a slash command of bob's opens. */
async function modal(world: World, blocks: object[]) {
  const { sandbox, client, socket } = world;
  await sandbox.control.post('command', { as: 'bob', channel: 'ops', command: '/hoop' });
  const { trigger_id } = socket.payloads.at(-1)!.payload;
  const view = { type: 'modal' as const, title: plain('A modal'), submit: plain('Go'), blocks: blocks as never };
  const opened = await client.views.open({ trigger_id, view });
  const viewId = opened.view!.id!;
  const click = async (actionId: string, more: object = {}) => {
    const reply = await sandbox.control.post('click', { as: 'bob', viewId, actionId, ...more });
    return { reply, payload: socket.payloads.at(-1)?.payload };
  };
  return { viewId, click };
}

describe('menus in a message', () => {
  test('each tells the app what was chosen, and what all of them hold', async () => {
    const click = await message(await setUp(), [actions]);
    const chosen = (await click('group', { value: 'admin' })).payload;
    expect(chosen).toMatchObject({
      type: 'block_actions',
      container: { type: 'message', channel_id: 'C0OPS00002' },
      actions: [
        { type: 'static_select', action_id: 'group', block_id: 'choose', selected_option: admin, placeholder: {} },
      ],
    });
    expect((await click('how', { value: 'admin' })).payload).toMatchObject({
      actions: [{ type: 'radio_buttons', selected_option: admin }],
    });
    expect((await click('which', { value: ['sre', 'admin'] })).payload).toMatchObject({
      actions: [{ type: 'checkboxes', selected_options: [sre, admin] }],
    });
    const { payload } = await click('more', { value: 'sre' });
    expect(payload).toMatchObject({ actions: [{ type: 'overflow', selected_option: sre }] });
    expect(payload).toMatchObject({
      state: {
        values: {
          choose: {
            group: { type: 'static_select', selected_option: admin },
            how: { type: 'radio_buttons', selected_option: admin },
            which: { type: 'checkboxes', selected_options: [sre, admin] },
          },
        },
      },
    });
  });

  test('what one person chose is not what another sees', async () => {
    const world = await setUp();
    const click = await message(world, [actions]);
    await click('group', { value: 'admin' });
    const carols = (await click('which', { as: 'carol', value: 'sre' })).payload;
    expect(carols).toMatchObject({
      user: { name: 'carol' },
      state: {
        values: { choose: { group: { selected_option: null }, how: { selected_option: sre } } },
      },
    });
  });

  test('a field keeps its text until a button tells the app of it', async () => {
    const world = await setUp();
    const button = { type: 'button', action_id: 'go', text: plain('Go') };
    const click = await message(world, [why, { type: 'actions', elements: [button] }]);
    expect((await click('text', { value: 'because' })).reply).toMatchObject({ acked: true, dispatched: false });
    expect(world.socket.payloads).toEqual([]);
    expect((await click('go')).payload).toMatchObject({
      actions: [{ type: 'button', action_id: 'go' }],
      state: { values: { why: { text: { type: 'plain_text_input', value: 'because' } } } },
    });
  });

  test('an option that is not there cannot be chosen', async () => {
    const click = await message(await setUp(), [actions]);
    const { reply, payload } = await click('group', { value: 'root' });
    expect(reply).toMatchObject({ status: 422, error: { code: 'unknown_option' } });
    expect(payload).toBeUndefined();
    expect((await click('more')).reply).toMatchObject({ status: 422, error: { code: 'unknown_option' } });
  });
});

describe('fields in a modal', () => {
  test('a menu tells the app with the view in place of a message', async () => {
    const { viewId, click } = await modal(await setUp(), [actions, why]);
    const { payload } = await click('how', { value: 'admin', values: { why: 'because' } });
    expect(payload).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id: viewId },
      actions: [{ type: 'radio_buttons', action_id: 'how', block_id: 'choose', selected_option: admin }],
      view: {
        id: viewId,
        state: {
          values: {
            choose: { how: { type: 'radio_buttons', selected_option: admin }, group: { selected_option: null } },
            why: { text: { type: 'plain_text_input', value: 'because' } },
          },
        },
      },
    });
    for (const name of ['channel', 'message', 'response_url', 'state']) expect(payload).not.toHaveProperty(name);
    expect(payload).toHaveProperty('trigger_id');
  });

  test('an input tells the app only where it asks for it', async () => {
    const world = await setUp();
    const { click } = await modal(world, [why, how]);
    const before = world.socket.payloads.length;
    const kept = await click('text', { blockId: 'why', value: 'because' });
    expect(kept.reply).toMatchObject({ acked: true, dispatched: false });
    expect(world.socket.payloads).toHaveLength(before);
    const { payload } = await click('text', { blockId: 'how', value: 'fast' });
    expect(payload).toMatchObject({
      actions: [{ type: 'plain_text_input', block_id: 'how', value: 'fast' }],
      view: { state: { values: { why: { text: { value: 'because' } }, how: { text: { value: 'fast' } } } } },
    });
  });

  test('an external select offers what the app answers, and nothing else can be chosen', async () => {
    const world = await setUp();
    const external = { type: 'external_select', action_id: 'who', min_query_length: 1 };
    const { viewId, click } = await modal(world, [field('who', external, { dispatch_action: true })]);
    expect((await click('who', { value: 'sre' })).reply).toMatchObject({ error: { code: 'unknown_option' } });
    world.offer({ options });
    const asked = await world.sandbox.control.post('options', { as: 'bob', viewId, actionId: 'who', value: 's' });
    expect(asked).toMatchObject({ acked: true, options });
    expect(world.socket.payloads.at(-1)).toMatchObject({
      type: 'interactive',
      accepts_response_payload: true,
      payload: {
        type: 'block_suggestion',
        action_id: 'who',
        block_id: 'who',
        value: 's',
        container: { view_id: viewId },
      },
    });
    const { payload } = await click('who', { value: 'sre' });
    expect(payload).toMatchObject({ actions: [{ type: 'external_select', selected_option: sre }] });
  });

  test('a menu of channels gives the app an address to answer there, where it asks for one', async () => {
    const world = await setUp();
    const where = { type: 'channels_select', action_id: 'c', response_url_enabled: true };
    const { viewId } = await modal(world, [
      field('where', where),
      field('other', { ...where, response_url_enabled: false }),
    ]);
    const values = { where: 'C0SRE00003', other: 'C0OPS00002' };
    await world.sandbox.control.post(`views/${viewId}/submit`, { as: 'bob', values });
    const { response_urls } = world.socket.payloads.at(-1)!.payload as unknown as {
      response_urls: { response_url: string }[];
    };
    expect(response_urls).toMatchObject([{ block_id: 'where', action_id: 'c', channel_id: 'C0SRE00003' }]);
    const body = JSON.stringify({ text: 'there', response_type: 'in_channel' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(response_urls[0]!.response_url, { method: 'POST', headers, body });
    expect(await answer.text()).toBe('ok');
    expect((await world.sandbox.control.get('messages?channel=sre&as=carol')).messages).toMatchObject([
      { text: 'there' },
    ]);
  });

  test.each([
    [{ type: 'number_input', is_decimal_allowed: false, max_value: '5' }, '6', 'Must be no more than 5'],
    [{ type: 'number_input', is_decimal_allowed: false }, '1.5', 'Must be a whole number'],
    [{ type: 'email_text_input' }, 'bob', 'Must be a valid email address'],
    [{ type: 'url_text_input' }, 'bob', 'Must be a valid URL'],
    [{ type: 'plain_text_input', min_length: 3 }, 'no', 'Must be at least 3 characters'],
    [{ type: 'checkboxes', options }, [], 'Please complete this required field.'],
  ])('%j does not take %j', async (element, value, problem) => {
    const world = await setUp();
    const { viewId } = await modal(world, [field('it', { action_id: 'x', ...element })]);
    const refused = await world.sandbox.control.post(`views/${viewId}/submit`, { as: 'bob', values: { it: value } });
    expect(refused).toMatchObject({ status: 422, errors: { it: problem } });
  });
});
