import { describe, expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { approveBlocks, clientOf, install, socketsOf, startBolt, startSandbox } from './support.ts';
import { openSocket } from './raw-socket.ts';

const OPS = 'C0OPS00002';

async function withMessage(deps: Parameters<typeof startSandbox>[0] = {}) {
  const sandbox = await startSandbox(deps);
  const tokens = await install(sandbox.control);
  const { ts } = await clientOf(sandbox, tokens.botToken).chat.postMessage({
    channel: OPS,
    text: 'x',
    blocks: approveBlocks,
  });
  const click = () => sandbox.control.post('click', { as: 'bob', channel: 'ops', ts, actionId: 'approve' });
  return { sandbox, tokens, click };
}

describe('Socket Mode', () => {
  test('hello says how many connections there are, and each payload goes to one of them', async () => {
    const { sandbox, tokens, click } = await withMessage();
    const first = await openSocket(sandbox, tokens);
    const second = await openSocket(sandbox, tokens);
    expect([first.hello.num_connections, second.hello.num_connections]).toEqual([1, 2]);
    expect(first.hello).toMatchObject({
      type: 'hello',
      connection_info: { app_id: tokens.appId },
      debug_info: { host: expect.any(String), started: expect.any(String), approximate_connection_time: 18_060 },
    });

    for (let round = 0; round < 20; round++) expect(await click()).toMatchObject({ acked: true });
    const seen = [...first.payloads, ...second.payloads].map(({ envelope_id }) => envelope_id);
    expect(seen).toHaveLength(20);
    expect(new Set(seen).size).toBe(20);
    expect(first.payloads.length).toBeGreaterThan(0);
    expect(second.payloads.length).toBeGreaterThan(0);
    expect(first.payloads[0]).toMatchObject({ type: 'interactive', accepts_response_payload: false });
  });

  test('another app sees nothing and its acknowledgements count for nothing', async () => {
    const { sandbox, tokens, click } = await withMessage({ ackTimeoutMs: 200 });
    const mine = await openSocket(sandbox, tokens, { ack: false });
    const other = await openSocket(sandbox, await install(sandbox.control, { name: 'other' }));
    const clicked = click();
    const { envelope_id } = await eventually(() => mine.payloads[0], { describe: 'the payload' });
    other.send({ envelope_id, payload: {} });
    expect(await clicked).toMatchObject({ status: 504, acked: false });
    expect(other.payloads).toEqual([]);
  });

  test('an app that does not acknowledge in time, or is not there, did not respond', async () => {
    const { sandbox, tokens, click } = await withMessage({ ackTimeoutMs: 150 });
    expect(await click()).toMatchObject({ status: 504, acked: false, error: { code: 'app_did_not_respond' } });
    await openSocket(sandbox, tokens, { ack: false });
    const late = await click();
    expect(late).toMatchObject({ status: 504, acked: false, error: { code: 'app_did_not_respond' } });
    expect(late.ackMs).toBeGreaterThanOrEqual(149);
    const reply = await sandbox.control.post('command', { as: 'bob', channel: 'ops', command: '/hoop', text: 'help' });
    expect(reply.status).toBe(504);
    const [, notice] = (await sandbox.control.get('messages?channel=ops&as=bob')).messages;
    expect(notice).toMatchObject({ text: '/hoop failed because the app did not respond.', ephemeral: true });
  });

  test('a socket that was told to leave does not count, and hears nothing once there is another', async () => {
    const { sandbox, tokens, click } = await withMessage();
    const old = await openSocket(sandbox, tokens);
    await sandbox.control.post('faults', { kind: 'disconnect' });
    expect(await socketsOf(sandbox, tokens)).toBe(0);
    const fresh = await openSocket(sandbox, tokens);
    expect(await socketsOf(sandbox, tokens)).toBe(1);
    expect(fresh.hello.num_connections).toBe(2);
    for (let round = 0; round < 10; round++) expect(await click()).toMatchObject({ acked: true });
    expect(fresh.payloads).toHaveLength(10);
    expect(old.payloads.filter(({ envelope_id }) => envelope_id)).toEqual([]);
  });

  test('an event that is not acknowledged comes again with the same id, until it is', async () => {
    const sandbox = await startSandbox({ ackTimeoutMs: 100, eventRetryDelaysMs: [50, 50, 50] });
    const tokens = await install(sandbox.control);
    await sandbox.control.post('invite', { channel: 'ops', user: tokens.botUserId });
    let tries = 0;
    const socket = await openSocket(sandbox, tokens, { ack: () => (tries += 1) > 2 });
    await sandbox.control.post('message', { as: 'bob', channel: 'ops', text: '@Hoop Bot help' });
    const last = await eventually(() => socket.payloads[2], { describe: 'the third try' });
    expect(socket.payloads.slice(0, 3).map(({ retry_attempt, retry_reason }) => [retry_attempt, retry_reason])).toEqual(
      [
        [0, ''],
        [1, 'timeout'],
        [2, 'timeout'],
      ],
    );
    expect(new Set(socket.payloads.map(({ payload }) => payload.event_id)).size).toBe(1);
    expect(last.payload).toMatchObject({ type: 'event_callback', event: { type: 'app_mention', channel: OPS } });
  });

  test('an event that happens while no socket is open is delivered when one is', async () => {
    const sandbox = await startSandbox({
      ackTimeoutMs: 50,
      eventRetryDelaysMs: [100, 300, 1_000, ...Array<number>(30).fill(2_000)],
    });
    const tokens = await install(sandbox.control);
    await sandbox.control.post('invite', { channel: 'ops', user: tokens.botUserId });
    await sandbox.control.post('message', { as: 'bob', channel: 'ops', text: '@Hoop Bot help' });
    const socket = await openSocket(sandbox, tokens);
    const { payload } = await eventually(() => socket.payloads[0], { describe: 'the event' });
    expect(payload.event.text).toBe(`<@${tokens.botUserId}> help`);
  });

  test('a ticket works once, and the eleventh connection is sent away', async () => {
    const { sandbox, tokens } = await withMessage();
    const first = await openSocket(sandbox, tokens);
    await expect(openSocket(sandbox, tokens, { url: first.url })).rejects.toThrow('404');
    for (let count = 1; count < 10; count++) await openSocket(sandbox, tokens);
    const eleventh = await openSocket(sandbox, tokens);
    expect(eleventh.hello).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
    expect(await socketsOf(sandbox, tokens)).toBe(10);
  });

  test('a ticket that nobody used is worth nothing half a minute later', async () => {
    let now = Date.now();
    const sandbox = await startSandbox({ clock: { now: () => now } });
    const tokens = await install(sandbox.control);
    const { url } = await clientOf(sandbox, tokens.appToken).apps.connections.open({});
    now += 30_001;
    await expect(openSocket(sandbox, tokens, { url: url! })).rejects.toThrow('404');
  });

  test('a connection opened for debugging lives shorter', async () => {
    const { sandbox, tokens } = await withMessage();
    const { url } = await clientOf(sandbox, tokens.appToken).apps.connections.open({});
    const { hello } = await openSocket(sandbox, tokens, { url: `${url}&debug_reconnects=true` });
    expect(hello).toMatchObject({ debug_info: { approximate_connection_time: 360 } });
  });

  test('a ping is answered with what it said, and closing is agreed on', async () => {
    const { sandbox, tokens } = await withMessage();
    const { socket } = await openSocket(sandbox, tokens);
    const said = new Promise((resolve) => socket.once('pong', (data) => resolve(String(data))));
    socket.ping('Ping from client (7)');
    expect(await said).toBe('Ping from client (7)');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    expect(await closed).toBe(1000);
  });

  test('a revoked token and Socket Mode turned off end what they opened', async () => {
    const { sandbox, tokens } = await withMessage();
    const minted = await sandbox.control.post(`apps/${tokens.appId}/tokens`, { scopes: ['connections:write'] });
    const appToken = (minted as unknown as { token: string }).token;
    const frames = ({ socket }: Awaited<ReturnType<typeof openSocket>>) =>
      new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))));
    const first = frames(await openSocket(sandbox, { ...tokens, appToken }));
    const second = frames(await openSocket(sandbox, tokens));
    await sandbox.control.post('revoke', { token: appToken });
    expect(await first).toMatchObject({ type: 'disconnect', reason: 'link_disabled' });
    await sandbox.control.post(`apps/${tokens.appId}/socket-mode`, { enabled: false });
    expect(await second).toMatchObject({ type: 'disconnect', reason: 'link_disabled' });
  });

  test('a click that nobody acknowledges is not sent again', async () => {
    const { sandbox, tokens, click } = await withMessage({ ackTimeoutMs: 50, eventRetryDelaysMs: [10, 10, 10] });
    await sandbox.control.post('invite', { channel: 'ops', user: tokens.botUserId });
    const socket = await openSocket(sandbox, tokens, { ack: false });
    expect(await click()).toMatchObject({ status: 504 });
    // The event that came later has had all its retries: whatever was to be sent again has been.
    await sandbox.control.post('message', { as: 'bob', channel: 'ops', text: '@Hoop Bot help' });
    await eventually(() => socket.payloads.filter(({ type }) => type === 'events_api').length === 4, {
      describe: 'the last retry',
    });
    expect(socket.payloads.filter(({ type }) => type === 'interactive')).toHaveLength(1);
  });

  test('Bolt comes back after a disconnect frame and hears the next click', async () => {
    const { sandbox, tokens, click } = await withMessage();
    let clicks = 0;
    await startBolt(sandbox, tokens, (bolt) =>
      bolt.action('approve', async ({ ack }) => {
        clicks += 1;
        await ack();
      }),
    );
    expect(await sandbox.control.post('faults', { kind: 'disconnect', reason: 'refresh_requested' })).toMatchObject({
      sockets: 1,
    });
    // one that was told to leave does not count
    await eventually(async () => (await socketsOf(sandbox, tokens)) === 1, { describe: 'a new socket' });
    expect(await click()).toMatchObject({ acked: true });
    expect(clicks).toBe(1);
  });
});
