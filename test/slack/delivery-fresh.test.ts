import { expect, test } from 'vitest';
import { decideReview } from '#core/decide-review.ts';
import { takeTurn } from '#db/slack-pace.ts';
import { findSession } from '#db/sessions.ts';
import { asTemporal } from './as-temporal.ts';
import {
  configureSlack,
  createWorld,
  onlyMessage,
  OPS,
  requestReview,
  shownText,
  userOf,
  type World,
} from './world.ts';

const team = 'T0SANDBOX0';
/** Long before their turn comes, those who wait for it would have given up. */
const sync = (world: World, sessionId: string) =>
  asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel: OPS }));

test('a request and a decision are shown at once, though hundreds of messages wait for their turn', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const queues = [
    { name: `${team} post ${OPS}`, everyMs: 1_000, burst: 2 },
    { name: `${team} chat.update`, everyMs: 1_200, burst: 10 },
  ];
  for (const queue of queues) for (let i = 0; i < 300; i += 1) await takeTurn(world.db, `${queue.name} ${i}`, [queue]);

  const sessionId = await requestReview(world);
  await sync(world, sessionId);
  const bob = { core: world.core, actor: { kind: 'user', user: await userOf(world, 'bob'), via: 'cli' } } as const;
  const digest = (await findSession(world.db, sessionId))?.digest ?? '';
  await decideReview(bob, sessionId, { verdict: 'reject', digest, reason: 'no' });
  // its note in the thread waits with the others
  await sync(world, sessionId).catch(() => undefined);
  expect(shownText(await onlyMessage(world))).toContain('Bob Becker (bob@example.com) rejected');
});
