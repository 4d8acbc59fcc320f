/** Tokens of two apps: Slack takes both, and clicks would never arrive. */
import { expect, test } from 'vitest';
import { resolvePlugins } from '#core/connection-plugins.ts';
import { getPluginView } from '#core/plugin-views.ts';
import { savePlugin } from '#core/save-plugin.ts';
import { install } from '../sandbox/support.ts';
import { configureSlack, createWorld, OPS, requestReview, type World } from './world.ts';

const context = ({ core }: World) => ({ core, actor: { kind: 'system', name: 'test' } }) as const;
const plugin = (world: World) => getPluginView(context(world), 'slack');

async function mixed(world: World) {
  const one = await install(world.control);
  const other = await install(world.control, { name: 'hoop of staging' });
  await configureSlack(world, { ...one, appToken: other.appToken });
  return { one, other };
}

test('are refused with the first channel, which names both', async () => {
  const world = await createWorld();
  const { one, other } = await mixed(world);
  const naming = resolvePlugins(world.core, 'bash', [{ name: 'slack', channels: ['ops'] }]);
  await expect(naming).rejects.toMatchObject({
    code: 'slack_refused',
    message: expect.stringContaining(`belongs to the app ${other.appId} and SLACK_BOT_TOKEN to ${one.appId}`),
  });
  expect(await plugin(world)).toMatchObject({ state: 'error', lastError: expect.stringContaining(other.appId) });
});

test('are an error of the plugin from the first message on, until good ones are set', async () => {
  const world = await createWorld();
  const { one } = await mixed(world);
  const sessionId = await requestReview(world);
  await world.activities.syncSlackMessage({ sessionId, channel: OPS });
  expect(await plugin(world)).toMatchObject({
    state: 'error',
    lastError: expect.stringContaining('Take both tokens from one app'),
    lastErrorAt: expect.any(String),
  });
  const config = { SLACK_BOT_TOKEN: one.botToken, SLACK_APP_TOKEN: one.appToken };
  await savePlugin(context(world), { name: 'slack', config, overwrite: true });
  expect(await plugin(world)).toMatchObject({ state: 'connecting', lastError: null, appId: one.appId });
});

test('are refused at once when a post has told which app the bot belongs to', async () => {
  const world = await createWorld();
  const one = await install(world.control);
  const other = await install(world.control, { name: 'hoop of staging' });
  await configureSlack(world, one);
  const sessionId = await requestReview(world);
  await world.activities.syncSlackMessage({ sessionId, channel: OPS });
  const saving = (config: Record<string, string>) =>
    savePlugin(context(world), { name: 'slack', config, overwrite: true });
  const ofOther = { SLACK_APP_TOKEN: other.appToken };
  await expect(saving(ofOther)).rejects.toMatchObject({
    code: 'slack_refused',
    message: expect.stringContaining(`belongs to the app ${other.appId} and SLACK_BOT_TOKEN to ${one.appId}`),
  });
  await saving({ SLACK_BOT_TOKEN: one.botToken, SLACK_APP_TOKEN: one.appToken });
  await expect(saving(ofOther)).rejects.toThrow('Take both tokens from one app');
  await saving({ SLACK_BOT_TOKEN: other.botToken, SLACK_APP_TOKEN: other.appToken });
  expect(await plugin(world)).toMatchObject({ appId: other.appId, lastError: null });
});
