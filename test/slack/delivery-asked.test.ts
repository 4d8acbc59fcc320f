import { describe, expect, onTestFinished, test } from 'vitest';
import { standingOf, changes, waitingBlock } from '#cli/exec/words.ts';
import { sessionViewOf, stateEventOf } from '#core/session-view.ts';
import { listen } from '#db/notices.ts';
import { findSession } from '#db/sessions.ts';
import { eventually } from '../support/eventually.ts';
import { asTemporal, failureOf } from './as-temporal.ts';
import { configureSlack, createWorld, OPS, requestReview, SRE, type World } from './world.ts';

const sync = (world: World, sessionId: string, channel = OPS) =>
  asTemporal(() => world.activities.syncSlackMessage({ sessionId, channel }));

async function viewOf(world: World, sessionId: string) {
  const session = await findSession(world.db, sessionId);
  if (!session) throw new Error('no session');
  return { view: await sessionViewOf(world.core, session), event: await stateEventOf(world.core, session) };
}

async function stateNotices(world: World): Promise<string[]> {
  const seen: string[] = [];
  const listener = await listen({
    url: world.databaseUrl,
    onNotice: (what) => {
      if (what.kind === 'state') seen.push(what.id);
    },
    onConnected: () => undefined,
    onError: () => undefined,
  });
  onTestFinished(() => listener.close());
  return seen;
}

describe('who waits', () => {
  test('reads where the request is posted, and hears of it when Slack does not answer and when it is back', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world, { channels: [OPS, SRE] });
    const fresh = (await viewOf(world, sessionId)).view;
    expect(waitingBlock(fresh, standingOf(fresh))).toContain(`asking in  ${OPS}, ${SRE}`);

    const notices = await stateNotices(world);
    const outage = await world.control.post('faults', { kind: 'outage' });
    await failureOf(sync(world, sessionId));
    await failureOf(sync(world, sessionId));
    await failureOf(sync(world, sessionId, SRE));
    await eventually(() => notices.length > 1, { describe: 'notices' });
    const away = await viewOf(world, sessionId);
    expect(away.event.asked).toEqual(away.view.review.asked);
    expect(changes(standingOf(fresh), standingOf(away.view), away.view)).toEqual([
      `Slack does not answer right now, so nothing is posted in ${OPS}, ${SRE} yet; reviewers can decide at ${fresh.url}`,
    ]);
    // the same again is no news
    expect(notices).toEqual([sessionId, sessionId]);

    await world.control.remove(`faults/${String(outage.id)}`);
    await sync(world, sessionId);
    const back = await viewOf(world, sessionId);
    expect(back.view.review.asked).toEqual([
      { channel: OPS, posted: true, problem: null, detail: null },
      expect.objectContaining({ channel: SRE, posted: false, problem: 'unavailable' }),
    ]);
    expect(changes(standingOf(away.view), standingOf(back.view), back.view)).toContain(
      `Reviewers are asked in ${OPS} now.`,
    );
    await sync(world, sessionId, SRE);
    const whole = (await viewOf(world, sessionId)).view;
    expect(waitingBlock(whole, standingOf(whole))).toContain(`asked in  ${OPS}, ${SRE}`);
    await eventually(() => notices.length === 4, { describe: 'a notice for each channel' });
  });

  test('reads that a channel refuses and that reviewers can decide in the console', async () => {
    const world = await createWorld();
    await configureSlack(world);
    const sessionId = await requestReview(world);
    await world.control.post('archive', { channel: 'ops' });
    await failureOf(sync(world, sessionId));
    const { view } = await viewOf(world, sessionId);
    expect(waitingBlock(view, standingOf(view))).toContain(
      `Nothing is posted in ${OPS}: ${OPS} is archived: unarchive it or choose another channel; reviewers can decide at ${view.url}`,
    );
  });

  test('reads so too when Slack is not configured any more', async () => {
    const world = await createWorld();
    const sessionId = await requestReview(world);
    expect((await failureOf(sync(world, sessionId))).type).toBe('SlackRefused');
    const { view } = await viewOf(world, sessionId);
    expect(waitingBlock(view, standingOf(view))).toContain(`Nothing is posted in ${OPS}: Slack is not configured`);
  });
});
