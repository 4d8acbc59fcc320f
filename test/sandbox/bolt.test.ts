import { describe, expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { approveBlocks, clientOf, install, startBolt, startSandbox } from './support.ts';

const OPS = 'C0OPS00002';

describe('Bolt over Socket Mode', () => {
  test('a click reaches the app, is acknowledged, and its answer rewrites the message', async () => {
    const sandbox = await startSandbox();
    const tokens = await install(sandbox.control);
    let seen: unknown;
    const { app } = await startBolt(sandbox, tokens, (bolt) =>
      bolt.action('approve', async ({ ack, body, respond }) => {
        seen = body;
        await ack();
        await respond({ replace_original: true, text: 'approved by bob', blocks: [] });
      }),
    );
    const posted = await app.client.chat.postMessage({ channel: OPS, text: 'please', blocks: approveBlocks });
    const click = await sandbox.control.post('click', {
      as: 'bob',
      channel: 'ops',
      ts: posted.ts,
      actionId: 'approve',
    });

    expect(click).toMatchObject({ status: 200, acked: true });
    const message = await eventually(
      async () => {
        const { messages } = await sandbox.control.get('messages?channel=ops&as=carol');
        return messages.find((entry) => entry.text === 'approved by bob');
      },
      { describe: 'the rewritten message' },
    );
    expect(message).toMatchObject({ ts: posted.ts, ephemeral: false, bot_id: tokens.botId, edited: {} });
    expect(message.blocks).toBeUndefined();
    expect(seen).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0BOB00002', username: 'bob', name: 'bob', team_id: 'T0SANDBOX0' },
      api_app_id: tokens.appId,
      container: { type: 'message', message_ts: posted.ts, channel_id: OPS, is_ephemeral: false },
      team: { id: 'T0SANDBOX0', domain: 'sandbox' },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: OPS, name: 'ops' },
      message: { ts: posted.ts, bot_id: tokens.botId },
      actions: [{ action_id: 'approve', block_id: 'decide', type: 'button', value: 's1', style: 'primary' }],
    });
    expect(seen).toMatchObject({ response_url: expect.stringContaining(sandbox.url) });
  });

  test('chat.update replaces text and blocks, and keeps the blocks that are not named', async () => {
    const sandbox = await startSandbox();
    const client = clientOf(sandbox, (await install(sandbox.control)).botToken);
    const { ts } = await client.chat.postMessage({ channel: OPS, text: 'one', blocks: approveBlocks });

    await client.chat.update({ channel: OPS, ts: ts!, text: 'two' });
    let { messages } = await sandbox.control.get('messages?channel=ops&as=bob');
    expect(messages).toMatchObject([{ ts, text: 'two', blocks: [{ block_id: 'what' }, { block_id: 'decide' }] }]);

    await client.chat.update({ channel: OPS, ts: ts!, text: 'three', blocks: [] });
    ({ messages } = await sandbox.control.get('messages?channel=ops&as=bob'));
    expect(messages).toMatchObject([{ ts, text: 'three' }]);
    expect(messages[0]?.blocks).toBeUndefined();
  });

  test('a modal opens from a click, refuses a bad entry with errors, and closes on a good one', async () => {
    const sandbox = await startSandbox();
    const submitted: string[] = [];
    const { app } = await startBolt(sandbox, await install(sandbox.control), (bolt) => {
      bolt.action('reject', async ({ ack, body, client }) => {
        await ack();
        const { trigger_id } = body as { trigger_id: string };
        await client.views.open({ trigger_id, view: reasonModal });
      });
      bolt.view('reason', async ({ ack, view }) => {
        const reason = view.state.values.why!.reason!.value!;
        submitted.push(reason);
        if (reason === 'no') await ack({ response_action: 'errors', errors: { why: 'Say more.' } });
        else await ack();
      });
    });
    const { ts } = await app.client.chat.postMessage({ channel: OPS, text: 'please', blocks: approveBlocks });
    await sandbox.control.post('click', { as: 'bob', channel: 'ops', ts, actionId: 'reject' });
    const view = await eventually(async () => (await sandbox.control.get('views?as=bob')).views[0], {
      describe: 'the modal',
    });
    expect(view).toMatchObject({
      callback_id: 'reason',
      private_metadata: 's1',
      previous_view_id: null,
      root_view_id: view.id,
    });
    expect(view.state.values).toEqual({ why: { reason: { type: 'plain_text_input', value: null } } });
    const submit = (reason: string) =>
      sandbox.control.post(`views/${view.id}/submit`, { as: 'bob', values: { why: reason } });

    expect(await submit('')).toMatchObject({ status: 422, error: { code: 'view_incomplete' } });
    expect(await submit('no')).toMatchObject({ acked: true, responseAction: 'errors', errors: { why: 'Say more.' } });
    expect((await sandbox.control.get('views?as=bob')).views[0]?.errors).toEqual({ why: 'Say more.' });
    expect(await submit('wrong server')).toMatchObject({ acked: true, responseAction: null, views: [] });
    expect(submitted).toEqual(['no', 'wrong server']);
  });

  test('a trigger id opens one modal, for three seconds', async () => {
    let now = Date.now();
    const sandbox = await startSandbox({ clock: { now: () => now }, triggerMs: undefined });
    const triggers: string[] = [];
    const { app } = await startBolt(sandbox, await install(sandbox.control), (bolt) =>
      bolt.action('reject', async ({ ack, body }) => {
        triggers.push((body as { trigger_id: string }).trigger_id);
        await ack();
      }),
    );
    const { ts } = await app.client.chat.postMessage({ channel: OPS, text: 'please', blocks: approveBlocks });
    const click = () => sandbox.control.post('click', { as: 'bob', channel: 'ops', ts, actionId: 'reject' });
    const open = (trigger_id: string) => app.client.views.open({ trigger_id, view: reasonModal });

    await click();
    await expect(open(triggers[0]!)).resolves.toMatchObject({ ok: true });
    await expect(open(triggers[0]!)).rejects.toThrow('exchanged_trigger_id');
    await click();
    now += 3_001;
    await expect(open(triggers[1]!)).rejects.toThrow('expired_trigger_id');
    await expect(open('made.up')).rejects.toThrow('invalid_trigger_id');
  });

  test('a slash command carries who and where, and its acknowledgement is a private message', async () => {
    const sandbox = await startSandbox();
    const tokens = await install(sandbox.control);
    let seen: unknown;
    await startBolt(sandbox, tokens, (bolt) =>
      bolt.command('/hoop', async ({ ack, body }) => {
        seen = body;
        await ack('here is your link');
      }),
    );
    const reply = await sandbox.control.post('command', {
      as: 'dave',
      channel: 'general',
      command: '/hoop',
      text: 'subscribe <x>',
    });
    expect(reply).toMatchObject({ status: 200, acked: true });
    expect(seen).toMatchObject({
      command: '/hoop',
      text: 'subscribe <x>',
      user_id: 'U0DAVE0004',
      user_name: 'dave',
      channel_id: 'C0GENERAL1',
      channel_name: 'general',
      team_id: 'T0SANDBOX0',
      team_domain: 'sandbox',
      api_app_id: tokens.appId,
      is_enterprise_install: 'false',
    });
    const mine = await sandbox.control.get('messages?channel=general&as=dave');
    expect(mine.messages).toMatchObject([{ text: 'here is your link', ephemeral: true, bot_id: tokens.botId }]);
    expect((await sandbox.control.get('messages?channel=general&as=bob')).messages).toEqual([]);
  });

  test('a mention reaches a bot that is a member; others are asked whether to invite it', async () => {
    const sandbox = await startSandbox();
    const heard: string[] = [];
    const { botUserId } = await install(sandbox.control);
    await startBolt(sandbox, await install(sandbox.control), (bolt) =>
      bolt.event('app_mention', async ({ event, say }) => {
        heard.push(event.text);
        await say(`hello <@${event.user}>`);
      }),
    );
    const { ts } = await sandbox.control.post('message', { as: 'bob', channel: 'ops', text: '@Hoop Bot help & so on' });
    const [prompt] = (await sandbox.control.get('messages?channel=ops&as=bob')).messages.slice(-1);
    expect(prompt).toMatchObject({ user: 'USLACKBOT', ephemeral: true });
    expect(heard).toEqual([]);

    await sandbox.control.post('click', { as: 'bob', channel: 'ops', ts: prompt?.ts, actionId: 'slackbot_invite' });
    await eventually(() => heard.length === 1, { describe: 'the mention after the invitation' });
    expect(heard).toEqual([`<@${botUserId}> help &amp; so on`]);
    await eventually(
      async () => {
        const { messages } = await sandbox.control.get('messages?channel=ops&as=carol');
        return messages.find((entry) => entry.text === 'hello <@U0BOB00002>' && entry.ts > ts);
      },
      { describe: 'the answer of the bot' },
    );
  });
});

const reasonModal = {
  type: 'modal' as const,
  callback_id: 'reason',
  private_metadata: 's1',
  title: { type: 'plain_text' as const, text: 'Reject' },
  submit: { type: 'plain_text' as const, text: 'Reject' },
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'Reason' },
      element: { type: 'plain_text_input', action_id: 'reason' },
    },
  ],
};
