import { expect, test } from 'vitest';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { createSlackActivities } from '#activities/slack/index.ts';
import type { NoticeEvent, SlackActivities } from '#activities/types.ts';
import { deletePlugin } from '#db/plugins.ts';
import { endSession } from '#db/sessions.ts';
import { findSlackMessage } from '#db/slack-messages.ts';
import { createSlackVerifier } from '#slack/verifier.ts';
import { asTemporal, everyFailure, failureOf } from './as-temporal.ts';
import {
  buttons,
  configureSlack,
  createWorld,
  messages,
  onlyMessage,
  OPS,
  requestReview,
  type World,
} from './world.ts';

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

/** A worker whose sandbox is off. */
function withoutSandbox({ db, core, sandbox }: World): SlackActivities {
  const slack = createSlackVerifier({ slackApiUrl: sandbox.apiUrl, sandboxUrl: null, log: core.log });
  const openTokens = () => openSlackTokens({ ...core, slack });
  return createSlackActivities({ db, log: core.log, publicUrl: core.publicUrl, openTokens });
}
async function anHourPasses({ db }: World): Promise<void> {
  await db.query('alter table sessions disable trigger one_end_state');
  await db.query("update sessions set ended_at = now() - interval '61 min'");
}
const tell = (activities: SlackActivities, sessionId: string, event: NoticeEvent) =>
  activities.sendDirectMessages({ sessionId, event });
const errorsOf = async ({ db }: World) =>
  (await db.query<{ last_error: string | null }>('select last_error from slack_direct_messages')).rows.map(
    ({ last_error: error }) => error,
  );
const later = { type: 'SlackRefused', nextRetryDelay: 60_000 };

test('tokens of a sandbox that is off keep no workflow open for longer than an hour', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const { db } = world;
  const off = withoutSandbox(world);
  const sessionId = await requestReview(world);
  expect((await failureOf(sync(off, sessionId))).type).toBe('SlackRefused');
  const row = await findSlackMessage(db, sessionId, OPS, 'review');
  expect(row?.lastError).toContain('belong to the Slack sandbox');
  await expire(world, sessionId);
  await anHourPasses(world);
  expect(await sync(off, sessionId)).toMatchObject({ settled: true });
});

test('a direct message that no tokens are there for is told of in its row, and comes once they are set', async () => {
  const world = await createWorld();
  const sessionId = await requestReview(world, { channels: [] });
  for (const event of ['asked', 'reminder'] as const)
    expect(await failureOf(tell(world.activities, sessionId, event))).toMatchObject(later);
  await expire(world, sessionId);
  expect(await failureOf(tell(world.activities, sessionId, 'expired'))).toMatchObject(later);
  expect(await errorsOf(world)).toEqual(Array(3).fill('Slack is not configured.'));
  await configureSlack(world);
  await tell(world.activities, sessionId, 'expired');
  expect(await messages(world, 'alice', 'dm')).toHaveLength(1);
});

test('direct messages from a sandbox that is off are given up an hour after the end', async () => {
  const world = await createWorld();
  await configureSlack(world);
  const off = withoutSandbox(world);
  const sessionId = await requestReview(world, { channels: [] });
  await asTemporal(() => tell(world.activities, sessionId, 'asked'));
  await expire(world, sessionId);
  for (const event of ['expired', 'asked'] as const)
    expect(await failureOf(tell(off, sessionId, event))).toMatchObject(later);
  expect(await errorsOf(world)).toContainEqual(expect.stringContaining('belong to the Slack sandbox'));
  await anHourPasses(world);
  for (const event of ['expired', 'asked'] as const) await tell(off, sessionId, event);
});

test('nobody is waited for who has no Slack id, or was told', async () => {
  const world = await createWorld();
  const sessionId = await requestReview(world);
  await expire(world, sessionId);
  await tell(world.activities, sessionId, 'asked');
  await world.db.query('delete from slack_identities');
  await tell(world.activities, sessionId, 'expired');
  expect(await errorsOf(world)).toEqual([]);
});
