import { expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { approveBlocks, clientOf, install, startSandbox } from './support.ts';
import { openSocket } from './raw-socket.ts';

const OPS = 'C0OPS00002';
const plain = (text: string) => ({ type: 'plain_text' as const, text });
const shortcut = (type: string, callback_id: string) => ({ type, callback_id, name: callback_id, description: 'x' });
const features = {
  app_home: { home_tab_enabled: true },
  shortcuts: [shortcut('global', 'anywhere'), shortcut('message', 'here')],
};

async function setUp(deps: Parameters<typeof startSandbox>[0] = {}, events = ['app_home_opened', 'app_mention']) {
  const sandbox = await startSandbox(deps);
  const tokens = await install(sandbox.control, { features, events });
  const client = clientOf(sandbox, tokens.botToken);
  const socket = await openSocket(sandbox, tokens);
  const triggerOf = async (as = 'bob') => {
    await sandbox.control.post('command', { as, channel: 'ops', command: '/hoop' });
    return socket.payloads.at(-1)!.payload.trigger_id;
  };
  return { sandbox, tokens, client, socket, triggerOf };
}
const view = (more: object = {}) => ({ type: 'modal' as const, title: plain('A'), blocks: [], ...more });

test('a trigger opens one modal, within three seconds, for the app it was given to', async () => {
  let now = Date.now();
  const { sandbox, client, triggerOf } = await setUp({ clock: { now: () => now }, triggerMs: undefined });
  const open = (trigger_id: string, by = client) => by.views.open({ trigger_id, view: view() });
  const other = clientOf(
    sandbox,
    (await install(sandbox.control, { name: 'other', commands: [{ command: '/other', description: 'x' }] })).botToken,
  );
  const trigger = await triggerOf();
  await expect(open(trigger, other)).rejects.toThrow('invalid_trigger_id');
  now += 3000;
  await open(trigger);
  await expect(open(trigger)).rejects.toThrow('exchanged_trigger_id');
  const late = await triggerOf();
  now += 3001;
  await expect(open(late)).rejects.toThrow('expired_trigger_id');
});

test('the fourth modal is too many, and so is the same external id twice', async () => {
  const { client, triggerOf } = await setUp();
  const push = async (more: object = {}) => client.views.push({ trigger_id: await triggerOf(), view: view(more) });
  await client.views.open({ trigger_id: await triggerOf(), view: view({ external_id: 'one' }) });
  await expect(push({ external_id: 'one' })).rejects.toThrow('duplicate_external_id');
  await push();
  await push();
  await expect(push()).rejects.toThrow('push_limit_reached');
  const updated = await client.views.update({ external_id: 'one', view: view({ title: plain('B') }) });
  expect(updated.view).toMatchObject({ title: { type: 'plain_text', text: 'B', emoji: true } });
});

test('the cross closes the whole stack, and each modal that asked is told', async () => {
  const { sandbox, client, socket, triggerOf } = await setUp();
  const told = (name: string) => view({ notify_on_close: true, callback_id: name });
  await client.views.open({ trigger_id: await triggerOf(), view: told('below') });
  await client.views.push({ trigger_id: await triggerOf(), view: view() });
  const top = await client.views.push({ trigger_id: await triggerOf(), view: told('top') });
  const before = socket.payloads.length;
  await sandbox.control.post(`views/${top.view!.id}/close`, { as: 'bob', all: true });
  const closed = socket.payloads.slice(before).map(({ payload }) => payload);
  expect(closed).toMatchObject([
    { type: 'view_closed', is_cleared: true, view: { callback_id: 'top' } },
    { type: 'view_closed', is_cleared: true, view: { callback_id: 'below' } },
  ]);
  expect(closed[0]).not.toHaveProperty('trigger_id');
  expect((await sandbox.control.get('views?as=bob')).views).toEqual([]);
});

test('a shortcut carries a trigger, and that of a message the message', async () => {
  const { sandbox, client, socket, tokens } = await setUp();
  const { ts } = await client.chat.postMessage({ channel: OPS, text: 'please', blocks: approveBlocks });
  await sandbox.control.post('shortcut', { as: 'bob', callbackId: 'anywhere' });
  await sandbox.control.post('shortcut', { as: 'bob', callbackId: 'here', channel: 'ops', ts });
  const [anywhere, here] = socket.payloads.map(({ payload }) => payload);
  expect(anywhere).toMatchObject({ type: 'shortcut', callback_id: 'anywhere', api_app_id: tokens.appId });
  expect(anywhere).not.toHaveProperty('channel');
  expect(here).toMatchObject({
    type: 'message_action',
    callback_id: 'here',
    channel: { id: OPS, name: 'ops' },
    message_ts: ts,
    message: { text: 'please' },
    response_url: expect.stringContaining('/actions/'),
  });
  for (const payload of [anywhere, here]) expect(payload).toHaveProperty('trigger_id');
  const wrong = await sandbox.control.post('shortcut', { as: 'bob', callbackId: 'here' });
  expect(wrong).toMatchObject({ status: 404, error: { code: 'unknown_shortcut' } });
});

test('an opened home tab is an event, and what the app publishes is shown', async () => {
  const { sandbox, client, socket } = await setUp();
  expect(await sandbox.control.post('home', { as: 'bob' })).toMatchObject({ view: null });
  const { payload } = await eventually(() => socket.payloads[0], { describe: 'the event' });
  expect(payload).toMatchObject({ event: { type: 'app_home_opened', user: 'U0BOB00002', tab: 'home' } });
  await client.views.publish({ user_id: 'U0BOB00002', view: { type: 'home', blocks: [] } });
  expect(await sandbox.control.post('home', { as: 'bob' })).toMatchObject({ view: { type: 'home' } });
});

test('messages are events where an app is a member, subscribes and has the scope', async () => {
  const sandbox = await startSandbox();
  const tokens = await install(sandbox.control, {
    scopes: ['channels:history', 'im:history'],
    events: ['message.channels', 'message.im'],
  });
  const socket = await openSocket(sandbox, tokens);
  const say = (channel: string, text: string) => sandbox.control.post('message', { as: 'bob', channel, text });
  await say('ops', 'unheard');
  await sandbox.control.post('invite', { channel: 'ops', user: tokens.botUserId });
  await say('ops', 'in public');
  await say('dm', 'in private');
  await eventually(() => socket.payloads.length === 2, { describe: 'two events' });
  expect(socket.payloads.map(({ payload }) => payload.event)).toMatchObject([
    { type: 'message', channel_type: 'channel', text: 'in public', channel: OPS },
    { type: 'message', channel_type: 'im', text: 'in private' },
  ]);
});
