import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { distFile } from '#test/support/processes.ts';
import { openSocket } from './raw-socket.ts';
import { approveBlocks, clientOf, controlOf, install, startSandbox, temporaryFolder } from './support.ts';

const OPS = 'C0OPS00002';

interface Ready {
  type: string;
  url: string;
  apiUrl: string;
}

/** The process as it ships, on a home of the test's own. */
async function startProcess(home: string): Promise<{ child: ChildProcess; ready: Ready }> {
  const env = { ...process.env, HOOP_HOME: home, HOOP_SANDBOX_PORT: '0' };
  const child = fork(await distFile('sandbox.js'), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [ready] = (await once(child, 'message')) as [Ready];
  return { child, ready };
}

describe('a sandbox that starts again', () => {
  test('on the same folder it is the same workspace, with the same tokens, messages and open modals', async () => {
    const first = await startSandbox();
    const tokens = await install(first.control);
    const { ts } = await clientOf(first, tokens.botToken).chat.postMessage({
      channel: OPS,
      text: 'x',
      blocks: approveBlocks,
    });
    await first.control.post('invite', { channel: 'secret-ops', user: 'Hoop Bot' });
    const before = await first.control.get('messages?channel=ops&as=bob');
    await first.close();

    const second = await startSandbox({ dataDir: first.dataDir });
    expect(await install(second.control)).toEqual(tokens);
    expect(await second.control.get('messages?channel=ops&as=bob')).toEqual(before);
    const client = clientOf(second, tokens.botToken);
    await client.chat.update({ channel: OPS, ts: ts!, text: 'still mine', blocks: [] });
    await expect(client.chat.postMessage({ channel: 'C0SECRET04', text: 'still invited' })).resolves.toBeDefined();
    const later = await client.chat.postMessage({ channel: OPS, text: 'y' });
    expect(later.ts! > ts!).toBe(true);
  });

  test('what people chose in a message and what became of tokens is remembered', async () => {
    const first = await startSandbox();
    const tokens = await install(first.control);
    const { token } = (await first.control.post(`apps/${tokens.appId}/tokens`, { as: 'bob' })) as unknown as {
      token: string;
    };
    const client = clientOf(first, tokens.botToken);
    const option = { text: { type: 'plain_text' as const, text: 'sre', emoji: true }, value: 'sre' };
    const menu = { type: 'static_select' as const, action_id: 'group', options: [option] };
    const blocks = [...approveBlocks, { type: 'actions', block_id: 'choose', elements: [menu] }];
    const { ts } = await client.chat.postMessage({ channel: OPS, text: 'x', blocks: blocks as never });
    const here = { as: 'bob', channel: 'ops', ts };
    await openSocket(first, tokens);
    await first.control.post('click', { ...here, actionId: 'group', value: 'sre' });
    await first.control.post('revoke', { token });
    await first.close();

    const second = await startSandbox({ dataDir: first.dataDir });
    await expect(clientOf(second, token).auth.test()).rejects.toThrow('token_revoked');
    const socket = await openSocket(second, tokens);
    await second.control.post('click', { ...here, actionId: 'approve' });
    expect(socket.payloads[0]?.payload).toMatchObject({
      state: { values: { choose: { group: { selected_option: option } } } },
    });
  });

  test('an event that nobody acknowledged is delivered by the next process', async () => {
    const deps = { ackTimeoutMs: 50, eventRetryDelaysMs: Array<number>(100).fill(400) };
    const first = await startSandbox(deps);
    const tokens = await install(first.control);
    await first.control.post('invite', { channel: 'ops', user: tokens.botUserId });
    await first.control.post('message', { as: 'bob', channel: 'ops', text: '@Hoop Bot help' });
    await first.close();

    const second = await startSandbox({ ...deps, dataDir: first.dataDir });
    const socket = await openSocket(second, tokens);
    const { payload } = await eventually(() => socket.payloads[0], { describe: 'the event' });
    expect(payload.event).toMatchObject({ type: 'app_mention', user: 'U0BOB00002' });
  });
});

describe('the process', () => {
  test('what was answered before SIGKILL is there afterwards', async () => {
    const home = await temporaryFolder();
    const { child, ready } = await startProcess(home);
    const tokens = await install(controlOf(ready.url));
    const client = clientOf(ready, tokens.botToken);
    const posted: string[] = [];
    // The kill falls between two posts or into one: every one that was answered must survive.
    const posting = (async () => {
      for (;;) posted.push((await client.chat.postMessage({ channel: OPS, text: 'x', blocks: approveBlocks })).ts!);
    })().catch(() => undefined);
    await eventually(() => posted.length >= 25, { describe: () => `25 posts, of which there are ${posted.length}` });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await posting;

    const again = await startProcess(home);
    const { messages } = await controlOf(again.ready.url).get('messages?channel=ops&as=bob');
    const kept = new Set(messages.map((message) => message.ts));
    expect(posted.filter((ts) => !kept.has(ts))).toEqual([]);
    expect(await clientOf(again.ready, tokens.botToken).auth.test()).toMatchObject({ bot_id: tokens.botId });
  });

  test('it says when it is ready, and ends at SIGTERM or when its parent is gone', async () => {
    const home = await temporaryFolder();
    const told = await startProcess(home);
    expect(told.ready).toMatchObject({ type: 'ready', apiUrl: `${told.ready.url}/api/` });
    told.child.kill('SIGTERM');
    expect(await once(told.child, 'exit')).toEqual([0, null]);

    const orphaned = await startProcess(home);
    orphaned.child.disconnect();
    expect(await once(orphaned.child, 'exit')).toEqual([0, null]);
  });
});
