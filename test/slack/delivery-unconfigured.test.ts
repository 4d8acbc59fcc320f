import { expect, test } from 'vitest';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { createSlackActivities } from '#activities/slack/index.ts';
import type { SlackActivities } from '#activities/types.ts';
import { deletePlugin } from '#db/plugins.ts';
import { endSession } from '#db/sessions.ts';
import { findSlackMessage } from '#db/slack-messages.ts';
import { createSlackVerifier } from '#slack/verifier.ts';
import { asTemporal, everyFailure, failureOf } from './as-temporal.ts';
import { buttons, configureSlack, createWorld, onlyMessage, OPS, requestReview, type World } from './world.ts';

const sync = (activities: SlackActivities, sessionId: string) =>
  activities.syncSlackMessage({ sessionId, channel: OPS });
const expire = (world: World, sessionId: string) =>
  endSession(world.db, sessionId, { state: 'expired', exitCode: null, exitSignal: null, message: null, cause: null });

test('tokens that are taken away and set again leave no old state in a message', async () => {
  const world = await createWorld();
  const installed = await configureSlack(world);
  const sessionId = await requestReview(world);
  await sync(world.activities, sessionId);
  await deletePlugin(world.db, 'slack');
  await expire(world, sessionId);
  expect(await failureOf(sync(world.activities, sessionId))).toMatchObject({
    type: 'SlackRefused',
    nextRetryDelay: 60_000,
  });
  await configureSlack(world, installed);
  expect(await asTemporal(() => sync(world.activities, sessionId), { retries: everyFailure })).toMatchObject({
    settled: true,
  });
  expect(buttons(await onlyMessage(world))).toEqual(['open']);
});

test('tokens of a sandbox that is off keep no workflow open for longer than an hour', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const slack = createSlackVerifier({ slackApiUrl: world.sandbox.apiUrl, sandboxUrl: null, log: world.core.log });
  const { db, core } = world;
  const openTokens = () => openSlackTokens({ ...core, slack });
  const off = createSlackActivities({ db, log: core.log, publicUrl: core.publicUrl, openTokens });
  const sessionId = await requestReview(world);
  expect((await failureOf(sync(off, sessionId))).type).toBe('SlackRefused');
  const row = await findSlackMessage(db, sessionId, OPS, 'review');
  expect(row?.lastError).toContain('belong to the Slack sandbox');
  await expire(world, sessionId);
  await db.query('alter table sessions disable trigger one_end_state');
  await db.query("update sessions set ended_at = now() - interval '61 min'");
  expect(await sync(off, sessionId)).toMatchObject({ settled: true });
});
