import { describe, expect, test } from 'vitest';
import { deletePlugin } from '#db/plugins.ts';
import { install, socketsOf } from '../sandbox/support.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { clickWithoutPause } from './click-stream.ts';
import {
  click,
  configureSlack,
  createWorld,
  decisionsOf,
  onlyMessage,
  OPS,
  pluginState,
  requestReview,
  saveTokens,
  socketsOpen,
  startConnected,
  startRuntime,
  type World,
} from './world.ts';

const stateIs = (world: World, state: string) =>
  eventuallyPasses(async () => expect(await pluginState(world)).toMatchObject({ state }));

async function messageToClick(world: World) {
  const sessionId = await requestReview(world);
  await world.activities.syncSlackMessage({ sessionId, channel: OPS });
  return { sessionId, message: await onlyMessage(world) };
}

describe('coming up', () => {
  test('holds two sockets and says that it is connected', async () => {
    const world = await createWorld();
    await startConnected(world);
    await stateIs(world, 'connected');
    expect((await pluginState(world)).lastError).toBeNull();
  });

  test('stays off until Slack is configured, and then needs no restart', async () => {
    const world = await createWorld();
    const runtime = await startRuntime(world);
    expect(await pluginState(world)).toEqual({ state: 'none', lastError: null });
    await configureSlack(world);
    await runtime.onPluginChanged();
    await stateIs(world, 'connected');
  });

  test('a plugin that is deleted lets its sockets go', async () => {
    const world = await createWorld();
    const { installed, runtime } = await startConnected(world);
    await deletePlugin(world.db, 'slack');
    await runtime.onPluginChanged();
    await socketsOpen(world, installed, 0);
    expect(await socketsOf(world, installed)).toBe(0);
  });

  test('with Slack away it keeps trying and connects when Slack is back', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const { id } = await world.control.post('faults', { kind: 'outage' });
    await startRuntime(world);
    const state = await eventually(async () => {
      const now = await pluginState(world);
      return now.lastError !== null && now;
    });
    expect(state).toMatchObject({ state: 'connecting', lastError: expect.stringContaining('cannot be reached') });
    await world.control.remove(`faults/${String(id)}`);
    await stateIs(world, 'connected');
  });

  test.each([
    ['bot', 'SLACK_BOT_TOKEN: Slack does not know it'],
    ['app', 'SLACK_APP_TOKEN: Slack does not know it'],
  ])('a %s token that went bad is a state with a reason, and good ones end it', async (which, reason) => {
    const world = await createWorld();
    const good = await install(world.control);
    const bad = { ...good, [`${which}Token`]: which === 'bot' ? 'xoxb-sandbox-gone' : 'xapp-sandbox-gone' };
    await saveTokens(world, bad);
    const runtime = await startRuntime(world);
    await stateIs(world, 'error');
    expect((await pluginState(world)).lastError).toContain(reason);

    await saveTokens(world, good);
    await runtime.onPluginChanged();
    await stateIs(world, 'connected');
  });

  test('what the SDK would repeat for ever in silence is a state with a reason', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const method = 'apps.connections.open';
    const { id } = await world.control.post('faults', { kind: 'error', error: 'missing_scope', method, count: 0 });
    await startRuntime(world);
    await stateIs(world, 'error');
    expect((await pluginState(world)).lastError).toContain('missing_scope');
    await world.control.remove(`faults/${String(id)}`);
    await stateIs(world, 'connected');
  });
});

describe('staying up', () => {
  test('sockets that break are replaced at once, and clicks arrive again', async () => {
    const world = await createWorld();
    const { installed } = await startConnected(world);
    const { sessionId, message } = await messageToClick(world);
    await world.control.post('faults', { kind: 'socket_cut' });
    await socketsOpen(world, installed, 2);
    expect(await click(world, 'bob', 'approve', message)).toMatchObject({ acked: true });
    expect(await decisionsOf(world, sessionId)).toHaveLength(1);
  });

  test.each(['refresh_requested', 'warning'])('%s by Slack loses no click', async (reason) => {
    const world = await createWorld();
    const { installed } = await startConnected(world);
    const { message } = await messageToClick(world);
    await world.control.remove('calls');
    const clicking = clickWithoutPause(world, message);
    await world.control.post('faults', { kind: 'disconnect', reason });
    await eventuallyPasses(async () => {
      const { calls } = await world.control.get('calls?method=apps.connections.open');
      expect(calls.length).toBeGreaterThanOrEqual(2);
    });
    await socketsOpen(world, installed, 2);
    expect(new Set((await clicking.stop()).map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('two connections are opened apart, so that Slack does not end both at once', async () => {
    const world = await createWorld();
    const installed = await configureSlack(world);
    await startRuntime(world, { app: { sockets: { staggerMs: 700 } } });
    await socketsOpen(world, installed, 2);
    const { calls } = await world.control.get('calls?method=apps.connections.open');
    const [, first, second] = (calls as { at: string }[]).map(({ at }) => Date.parse(at));
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(650);
  });

  test('an outage ends in connected again, and the process outlives errors that the SDK calls unrecoverable', async () => {
    const world = await createWorld();
    const { installed } = await startConnected(world);
    const method = 'apps.connections.open';
    const { id } = await world.control.post('faults', { kind: 'error', error: 'account_inactive', method, count: 0 });
    await world.control.post('faults', { kind: 'socket_cut' });
    await stateIs(world, 'error');
    expect((await pluginState(world)).lastError).toContain('account_inactive');
    await world.control.remove(`faults/${String(id)}`);
    await stateIs(world, 'connected');
    await socketsOpen(world, installed, 2);
  });

  test('a whole outage of Slack while connected heals by itself', async () => {
    const world = await createWorld();
    const { installed } = await startConnected(world);
    await stateIs(world, 'connected');
    const { id } = await world.control.post('faults', { kind: 'outage' });
    await stateIs(world, 'connecting');
    await world.control.remove(`faults/${String(id)}`);
    await stateIs(world, 'connected');
    await socketsOpen(world, installed, 2);
    expect((await pluginState(world)).lastError).toBeNull();
  });
});

describe('a change of tokens', () => {
  test('within one app is taken up in passing, and loses no click', async () => {
    const world = await createWorld();
    const { installed, runtime } = await startConnected(world);
    const { message } = await messageToClick(world);
    const clicking = clickWithoutPause(world, message);
    // as many clicks as a slow machine needs rounds for
    for (let round = 0; round < 3 || clicking.answers.length <= 10; round += 1) {
      await configureSlack(world, installed);
      await runtime.onPluginChanged();
      await stateIs(world, 'connected');
      await socketsOpen(world, installed, 2);
    }
    const answers = await clicking.stop();
    expect(answers.length).toBeGreaterThan(10);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('to those of another app takes over from the first', async () => {
    const world = await createWorld();
    const { installed, runtime } = await startConnected(world);
    const other = await install(world.control, { name: 'hoop of staging' });
    await configureSlack(world, other);
    await runtime.onPluginChanged();
    await socketsOpen(world, other, 2);
    await socketsOpen(world, installed, 0);
    expect(await pluginState(world)).toEqual({ state: 'connected', lastError: null });
  });

  test('to bad ones leaves the old app at work until better ones come', async () => {
    const world = await createWorld();
    const { installed, runtime } = await startConnected(world);
    const { message } = await messageToClick(world);
    await saveTokens(world, { botToken: 'xoxb-sandbox-gone', appToken: 'xapp-sandbox-gone' });
    await runtime.onPluginChanged();
    await stateIs(world, 'error');
    expect(await click(world, 'dave', 'open', message)).toMatchObject({ acked: true });
    await saveTokens(world, installed);
    await runtime.onPluginChanged();
    await stateIs(world, 'connected');
    await socketsOpen(world, installed, 2);
  });

  test('a stopped runtime holds no socket, and finishes what it was at', async () => {
    const world = await createWorld();
    // shorter than a socket waits before it closes
    const { installed, runtime } = await startConnected(world, { app: { budgetMs: 2_000 } });
    const { sessionId, message } = await messageToClick(world);
    const clicked = click(world, 'bob', 'approve', message);
    await eventually(
      async () =>
        (await world.control.get('calls?method=interactive')).calls.length > 0 ||
        (await decisionsOf(world, sessionId)).length > 0,
      { everyMs: 2 },
    );
    await runtime.stop();
    expect(await clicked).toMatchObject({ acked: true });
    await eventuallyPasses(() => expect(world.temporal.signals).toHaveLength(1));
    await socketsOpen(world, installed, 0);
  });
});
