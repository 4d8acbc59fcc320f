import { expect, test } from 'vitest';
import { standingOf, waitingBlock } from '#cli/exec/words.ts';
import { keptChannels } from '#cli/kept-channels.ts';
import { getConnectionView, listConnectionViews } from '#core/connection-views.ts';
import type { Context } from '#core/context.ts';
import { removePlugin } from '#core/delete-plugin.ts';
import { saveConnection } from '#core/save-connection.ts';
import { sessionViewOf } from '#core/session-view.ts';
import { findSession } from '#db/sessions.ts';
import { asTemporal, failureOf } from './as-temporal.ts';
import { configureSlack, createWorld, messages, onlyMessage, OPS, requestReview, userOf, type World } from './world.ts';

const sync = (world: World, sessionId: string) => world.activities.syncSlackMessage({ sessionId, channel: OPS });
async function admin(world: World): Promise<Context> {
  return { core: world.core, actor: { kind: 'user', user: await userOf(world, 'bob'), via: 'cli' } };
}
async function seen(world: World, sessionId: string) {
  const session = await findSession(world.db, sessionId);
  if (!session) throw new Error('no session');
  const view = await sessionViewOf(world.core, session);
  return { view, block: waitingBlock(view, standingOf(view)), connection: session.connectionName };
}

test('connections keep their channels when the plugin is deleted; who waits is told where reviewers decide', async () => {
  const world = await createWorld();
  const tokens = await configureSlack(world);
  const first = await requestReview(world);
  const ctx = await admin(world);
  await removePlugin(ctx, 'slack');

  const { connection } = await seen(world, first);
  const view = await getConnectionView(ctx, connection);
  expect(view.plugins).toEqual([{ name: 'slack', channels: [OPS] }]);
  expect(view.warnings).toEqual([`The plugin slack is not configured, so reviewers are not asked in ${OPS}.`]);
  expect(keptChannels(await listConnectionViews(ctx), 'slack')).toBe(
    `1 connection keeps its channels: ${connection} (${OPS}).`,
  );
  await failureOf(sync(world, first));
  const off = await seen(world, first);
  expect(off.block).toContain(
    `Nothing is posted in ${OPS}: Slack is not configured; reviewers can decide at ${off.view.url}`,
  );

  await configureSlack(world, tokens);
  expect((await getConnectionView(ctx, connection)).warnings).toEqual([]);
  await asTemporal(() => sync(world, first));
  expect((await onlyMessage(world)).text).toContain('Review of a command');
});

test('a channel that is known to refuse is said so at once, to who asks and with the connection', async () => {
  const world = await createWorld();
  await configureSlack(world);
  await world.control.post('archive', { channel: 'ops' });
  await failureOf(sync(world, await requestReview(world)));
  const { view, block, connection } = await seen(world, await requestReview(world));
  expect(block).not.toContain('asking in');
  expect(block).toContain(
    `Nothing is posted in ${OPS}: ${OPS} is archived: unarchive it or choose another channel; reviewers can decide at ${view.url}`,
  );
  const ctx = await admin(world);
  expect((await getConnectionView(ctx, connection)).warnings).toEqual([
    `${OPS} refuses hoop's messages: ${OPS} is archived: unarchive it or choose another channel.`,
  ]);
  // new tokens may be let in
  await configureSlack(world);
  expect((await getConnectionView(ctx, connection)).warnings).toEqual([]);
  expect((await seen(world, await requestReview(world))).block).toContain('asking in');
});

test('without any channel who asks reads where reviewers decide', async () => {
  const world = await createWorld();
  const { view, block } = await seen(world, await requestReview(world, { channels: [] }));
  expect(block).toContain(`no Slack channel is asked; reviewers decide at ${view.url}`);
});

test('a channel reads once that hoop asks there, and again after it refused', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const ctx = await admin(world);
  const input = { agent: 'default', command: ['bash'], reviewers: ['sre'], overwrite: true };
  const save = (name: string) =>
    saveConnection(ctx, { ...input, name, plugins: [{ name: 'slack', channels: ['ops'] }] });
  const read = async () => (await messages(world, 'bob')).map(({ text }) => text);
  await save('web');
  await save('web');
  await save('db');
  const first = 'hoop asks for reviews of web in this channel from now on.';
  expect(await read()).toEqual([first]);

  await world.db.query("update slack_channels set code = 'is_archived'");
  await save('db');
  expect(await read()).toEqual([first, 'hoop asks for reviews of db in this channel from now on.']);
});
