import type { App } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { approveBlocks, install, startBolt, startSandbox } from './support.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const input = (block_id: string, element: object, more: object = {}) => ({
  type: 'input',
  block_id,
  label: plain(block_id),
  element: { action_id: 'value', ...element },
  ...more,
});
const choices = ['sre', 'admin'].map((value) => ({ text: plain(value), value }));
const modal = (blocks: object[], more: object = {}) => ({
  type: 'modal' as const,
  title: plain('A modal'),
  submit: plain('Go'),
  callback_id: 'form',
  blocks: blocks as never,
  ...more,
});

/** A Bolt app whose Approve opens a modal; `open` clicks it as bob and gives the view. */
async function setUp(view: object, listen: (app: App) => void = () => {}) {
  const sandbox = await startSandbox();
  const tokens = await install(sandbox.control);
  let failure: unknown;
  let trigger = '';
  const { app } = await startBolt(sandbox, tokens, (bolt) => {
    bolt.action('approve', async ({ ack, body, client }) => {
      await ack();
      trigger = (body as { trigger_id: string }).trigger_id;
      await client.views.open({ trigger_id: trigger, view: view as never }).catch((error) => (failure = error.data));
    });
    listen(bolt);
  });
  const { ts } = await app.client.chat.postMessage({ channel: 'ops', text: 'x', blocks: approveBlocks });
  const open = async () => {
    await sandbox.control.post('click', { as: 'bob', channel: 'ops', ts, actionId: 'approve' });
    return eventually(async () => failure ?? (await sandbox.control.get('views?as=bob')).views[0], {
      describe: 'a modal',
    });
  };
  const stack = async () => (await sandbox.control.get('views?as=bob')).views;
  const submit = async (id: string, values: object = {}) =>
    sandbox.control.post(`views/${id}/submit`, { as: 'bob', values });
  return { sandbox, app, open, stack, submit };
}

describe('modals', () => {
  test.each([
    [
      'a long title',
      modal([], { title: plain('x'.repeat(25)) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'inputs without submit',
      modal([input('a', { type: 'plain_text_input' })], { submit: undefined }),
      'must define `submit` to use an `input` block in modals [json-pointer:/view]',
    ],
    [
      'long private metadata',
      modal([], { private_metadata: 'x'.repeat(3001) }),
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
  ])('%s is refused as Slack does it', async (_what, view, problem) => {
    const { open } = await setUp(view);
    expect(await open()).toMatchObject({
      ok: false,
      error: 'invalid_arguments',
      response_metadata: { messages: [`[ERROR] ${problem}`] },
    });
  });

  test('each kind of field arrives as Slack writes it', async () => {
    let values: unknown;
    const fields = [
      input('why', { type: 'plain_text_input', initial_value: 'because' }),
      input('group', { type: 'static_select', options: choices }),
      input('how', { type: 'radio_buttons', options: choices, initial_option: choices[1] }),
      input('which', { type: 'checkboxes', options: choices }, { optional: true }),
      input('more', { type: 'plain_text_input' }, { optional: true }),
    ];
    const { open, submit } = await setUp(modal(fields), (bolt) =>
      bolt.view('form', async ({ ack, view }) => {
        values = view.state.values;
        await ack();
      }),
    );
    const view = (await open()) as { id: string };
    const missing = await submit(view.id, { why: '' });
    expect(missing).toMatchObject({ status: 422, errors: { why: expect.any(String), group: expect.any(String) } });
    await submit(view.id, { why: 'so', group: 'sre', which: ['sre', 'admin'] });
    const [sre, admin] = choices.map((choice) => ({ ...choice, text: { ...choice.text, emoji: true } }));
    expect(values).toEqual({
      why: { value: { type: 'plain_text_input', value: 'so' } },
      group: { value: { type: 'static_select', selected_option: sre } },
      how: { value: { type: 'radio_buttons', selected_option: admin } },
      which: { value: { type: 'checkboxes', selected_options: [sre, admin] } },
      more: { value: { type: 'plain_text_input', value: null } },
    });
  });

  test('views.update keeps what was entered, and refuses an old hash', async () => {
    const field = input('why', { type: 'plain_text_input' });
    const { app, open, submit, stack } = await setUp(modal([field]), (bolt) =>
      bolt.view('form', async ({ ack }) => ack({ response_action: 'errors', errors: { why: 'again' } })),
    );
    const view = (await open()) as { id: string; hash: string };
    await submit(view.id, { why: 'entered' });
    await app.client.views.update({ view_id: view.id, hash: view.hash, view: modal([field], { title: plain('New') }) });
    expect(await stack()).toMatchObject([
      { title: { text: 'New' }, errors: {}, state: { values: { why: { value: { value: 'entered' } } } } },
    ]);
    const old = app.client.views.update({ view_id: view.id, hash: view.hash, view: modal([field]) });
    await expect(old).rejects.toThrow('hash_conflict');
    await expect(app.client.views.update({ view_id: 'V0NOWHERE00', view: modal([]) })).rejects.toThrow('not_found');
  });

  test('response actions push, update and clear; the stack is three deep', async () => {
    const { open, stack, submit } = await setUp(modal([], { callback_id: 'push' }), (bolt) => {
      bolt.view('push', async ({ ack, view }) => {
        const last = view.previous_view_id !== null;
        await ack({ response_action: 'push', view: modal([], { callback_id: last ? 'clear' : 'push' }) });
      });
      bolt.view('clear', async ({ ack, view }) => {
        if (view.private_metadata) await ack({ response_action: 'clear' });
        else {
          const updated = modal([], { callback_id: 'clear', private_metadata: 'updated' });
          await ack({ response_action: 'update', view: updated });
        }
      });
    });
    const root = (await open()) as { id: string };
    expect(await submit(root.id)).toMatchObject({ responseAction: 'push' });
    const second = (await stack())[1]!;
    expect(second).toMatchObject({ root_view_id: root.id, previous_view_id: root.id });
    await submit(second.id);
    const third = (await stack())[2]!;
    expect(await submit(third.id)).toMatchObject({ responseAction: 'update' });
    expect((await stack())[2]).toMatchObject({ id: third.id, private_metadata: 'updated' });
    expect(await submit(third.id)).toMatchObject({ responseAction: 'clear', views: [] });
  });

  test('closing tells the app when it asked to be told', async () => {
    const closed: unknown[] = [];
    const { sandbox, open } = await setUp(modal([], { notify_on_close: true, private_metadata: 's1' }), (bolt) =>
      bolt.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack, view, body }) => {
        closed.push({ state: view.private_metadata, is_cleared: (body as { is_cleared?: boolean }).is_cleared });
        await ack();
      }),
    );
    const view = (await open()) as { id: string };
    expect(await sandbox.control.post(`views/${view.id}/close`, { as: 'carol' })).toMatchObject({ status: 404 });
    expect(await sandbox.control.post(`views/${view.id}/close`, { as: 'bob' })).toMatchObject({
      closed: true,
      views: [],
    });
    expect(closed).toEqual([{ state: 's1', is_cleared: false }]);
  });

  test('an error for a block that is no input is the fault of the app and said so', async () => {
    const { open, submit, stack } = await setUp(modal([]), (bolt) =>
      bolt.view('form', async ({ ack }) => ack({ response_action: 'errors', errors: { nowhere: 'x' } })),
    );
    const view = (await open()) as { id: string };
    expect(await submit(view.id)).toMatchObject({ status: 502, error: { code: 'bad_response_action' } });
    expect(await stack()).toHaveLength(1);
  });
});
