/** Nothing hoop does at Slack needs a scope beyond those of its manifest. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolvePlugins } from '#core/connection-plugins.ts';
import { endSession } from '#db/sessions.ts';
import { eventually } from '../support/eventually.ts';
import { openModal, submit } from './modals.ts';
import { asTemporal } from './as-temporal.ts';
import { click, createWorld, messages, onlyMessage, OPS, requestReview, startConnected, type World } from './world.ts';
import manifest from '../../slack/manifest.json' with { type: 'json' };

/** Each method that hoop calls, with the scope it needs: https://docs.slack.dev/reference/methods */
const scopeOf: Record<string, string | null> = {
  'auth.test': null,
  // with the app-level token, whose scope is no part of the manifest
  'apps.connections.open': null,
  'chat.delete': 'chat:write',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.list': 'channels:read',
  'conversations.open': 'im:write',
  'views.open': null,
  'views.update': null,
};

test('every method that the code calls is one whose scope the manifest has', async () => {
  const called = new Set<string>();
  for (const folder of ['slack', 'activities', 'core']) {
    for (const file of await readdir(folder, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const source = await readFile(join(folder, file), 'utf8');
      const calls = source.matchAll(
        /\.((?:apps|auth|bots|chat|conversations|dnd|files|oauth|reactions|team|usergroups|users|views)(?:\.[a-z]\w*)+)\(/g,
      );
      for (const [, method] of calls) called.add(method ?? '');
    }
  }
  // the SDK's Socket Mode client calls it too
  called.add('apps.connections.open');
  expect([...called].sort()).toEqual(Object.keys(scopeOf).sort());
  const needed = Object.values(scopeOf).filter((scope) => scope !== null);
  expect(manifest.oauth_config.scopes.bot).toEqual(expect.arrayContaining(needed));
});

test('a whole use of an app made from the manifest meets no missing scope', async () => {
  const world = await createWorld();
  const { installed } = await startConnected(world);
  await world.control.post('invite', { channel: 'C0SECRET04', user: installed.botUserId });
  await resolvePlugins(world.core, 'bash', [{ name: 'slack', channels: ['ops', 'C0SRE00003', 'C0SECRET04'] }]);
  const refused = resolvePlugins(world.core, 'bash', [{ name: 'slack', channels: ['sre', 'old-ops', 'C0NOWHERE9'] }]);
  await expect(refused).rejects.toThrow('archived');
  await deleteVerification(world, installed.botToken);

  const sessionId = await ask(world);
  expect(await click(world, 'bob', 'approve')).toMatchObject({ status: 200 });
  await asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
  const end = { state: 'finished', exitCode: 0, exitSignal: null, message: null, cause: null } as const;
  await world.db.query("update sessions set state = 'running', approved_at = now(), started_at = now() where id = $1", [
    sessionId,
  ]);
  await endSession(world.db, sessionId, end);
  await asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
  for (const event of ['asked', 'approved', 'finished'] as const) {
    await asTemporal(() => world.activities.sendDirectMessages({ sessionId, event }));
  }

  const { ts } = await onlyMessage(world);
  await world.control.post('message', { as: 'bob', channel: 'ops', text: 'later', thread_ts: ts });
  const other = await ask(world);
  const message = await eventually(async () =>
    (await messages(world, 'bob')).find((seen) => JSON.stringify(seen.blocks ?? []).includes(other)),
  );
  const view = await openModal(world, 'carol', 'reject', message);
  expect(await submit(world, 'carol', view, { reason: 'no' })).toMatchObject({ acked: true });

  for (const text of ['help', 'status', 'subscribe', 'pending', 'unsubscribe']) {
    const reply = await world.control.post('command', { as: 'bob', channel: 'ops', command: '/hoop', text });
    expect(reply).toMatchObject({ acked: true });
  }
  await world.control.post('invite', { channel: 'ops', user: installed.botUserId });
  await world.control.post('message', { as: 'bob', channel: 'ops', text: '@Hoop Bot hello' });
  await eventually(async () => (await world.control.get('calls?method=events_api')).calls.length > 0);

  const calls = (await world.control.get('calls?limit=1000')).calls as Call[];
  const asked = calls.filter(({ kind }) => kind === 'api');
  expect(asked.filter(({ response }) => response.error === 'missing_scope')).toEqual([]);
  const methods = new Set(asked.map(({ method }) => method));
  expect([...methods].filter((method) => !(method in scopeOf))).toEqual([]);
  expect([...methods].sort()).toEqual(Object.keys(scopeOf).sort());
}, 60_000);

async function ask(world: World): Promise<string> {
  const sessionId = await requestReview(world);
  await asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));
  return sessionId;
}

interface Call {
  kind: string;
  method: string;
  response: { error?: string };
}

/** The messages that verified the channels, so that those of requests stand alone in #ops. */
async function deleteVerification(world: World, botToken: string): Promise<void> {
  for (const { ts } of await messages(world, 'bob')) {
    const body = new URLSearchParams({ token: botToken, channel: OPS, ts });
    await fetch(`${world.sandbox.apiUrl}chat.delete`, { method: 'POST', body });
  }
}
