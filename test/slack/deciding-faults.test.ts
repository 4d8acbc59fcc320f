import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '#db/pool.ts';
import { sweep } from '#core/sweep.ts';
import { decideWithin, type DecideAnswer } from '#slack/listeners/decide-within.ts';
import type { ListenerDeps } from '#slack/listeners/deps.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgresProxy } from '../support/postgres-proxy.ts';
import { askInSlack, openModal, submit, viewsOf } from './modals.ts';
import {
  click,
  createWorld,
  decisionsOf,
  onlyMessage,
  people,
  privateText,
  requestReview,
  shownText,
  startConnected,
  type World,
} from './world.ts';

/** hoop reaches Postgres by a line of its own; the test's own goes round it. */
async function worldWithLine() {
  const world = await createWorld();
  const line = await startPostgresProxy(world.databaseUrl);
  const db = openDatabase({ url: line.url, max: 5 });
  onTestFinished(async () => {
    line.set('pass');
    await db.end();
  });
  const core = Object.assign(world.core, { db });
  return { world: { ...world, core }, line, pool: db };
}

const impatient = ({ core }: World): ListenerDeps => ({
  core,
  log: core.log,
  homeTeamId: 'T0SANDBOX0',
  budgetMs: 100,
  settleMs: 400,
});

/** Long enough to come as far as the commit on a busy machine. */
const patient = (world: World): ListenerDeps => ({ ...impatient(world), budgetMs: 5_000, settleMs: 5_000 });

const bobApproves = (world: World, sessionId: string, deps = impatient(world)) =>
  decideWithin(deps, {
    identity: { userId: people.bob.slackId, teamId: 'T0SANDBOX0' },
    shown: { sessionId, envelopeVersion: 1 },
    verdict: 'approve',
  });

async function truthOf(answer: DecideAnswer): Promise<string> {
  if (answer.kind !== 'late') throw new Error(`not late but ${answer.kind}`);
  return answer.truth;
}

/** Holds the session's row as a slow transaction does. */
async function holdRow(world: World, sessionId: string): Promise<() => Promise<void>> {
  const holder = await world.db.connect();
  await holder.query('begin');
  await holder.query('select 1 from sessions where id = $1 for update', [sessionId]);
  return async () => {
    await holder.query('rollback');
    holder.release();
  };
}

/** Every connection of hoop is idle: nothing it had begun is left. */
const quiet = (world: World) =>
  eventually(async () => {
    const busy = await world.db.query(
      `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
    );
    return busy.rowCount === 0;
  });

describe('with Postgres away', () => {
  test('a click is acknowledged, and its author is told that it was not recorded', async () => {
    const { world, line } = await worldWithLine();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    line.set('refuse');

    expect(await click(world, 'bob', 'approve')).toMatchObject({ acked: true });

    expect(await privateText(world, 'bob')).toContain('was not recorded');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('a click is acknowledged in time though Postgres does not answer at all, and counts when it does again', async () => {
    const { world, line } = await worldWithLine();
    await startConnected(world, { app: { budgetMs: 200 } });
    const sessionId = await askInSlack(world);
    line.set('hang');

    // while it hangs: nothing but the budget can have answered
    expect(await click(world, 'bob', 'approve')).toMatchObject({ acked: true });
    line.set('pass');

    expect(await privateText(world, 'bob')).toContain('your approval counts');
    expect(await decisionsOf(world, sessionId)).toHaveLength(1);
  });

  test('a modal for the reason says so, and decides nothing', async () => {
    const { world, line } = await worldWithLine();
    await startConnected(world);
    await askInSlack(world);
    line.set('refuse');
    expect(shownText(await openModal(world, 'bob', 'reject'))).toContain('nothing was decided');
  });

  test('a rejection that was not recorded is told of in its modal', async () => {
    const { world, line } = await worldWithLine();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const view = await openModal(world, 'bob', 'reject');
    line.set('cut_before_commit');

    expect(await submit(world, 'bob', view, { reason: 'not now' })).toMatchObject({ responseAction: 'update' });
    line.set('pass');

    const told = await eventually(async () => {
      const shown = shownText(await viewsOf(world, 'bob'));
      return shown.includes('was not recorded') && shown;
    });
    expect(told).toContain('Your rejection was not recorded');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });
});

describe('a decision whose author was told that it was not recorded never counts later', () => {
  test('when another transaction held the request for too long', async () => {
    const world = await createWorld();
    const sessionId = await requestReview(world);
    const release = await holdRow(world, sessionId);
    expect(await truthOf(await bobApproves(world, sessionId))).toContain('was not recorded');
    await release();
    await quiet(world);
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('when Postgres did not answer for too long', async () => {
    const { world, line } = await worldWithLine();
    const sessionId = await requestReview(world);
    line.set('hang');
    expect(await truthOf(await bobApproves(world, sessionId))).toContain('was not recorded');
    line.set('pass');
    await eventually(async () => (await world.core.db.query('select 1')).rowCount === 1);
    await quiet(world);
    expect(line.commits()).toBe(1);
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('when every connection was taken for too long', async () => {
    const { world, pool } = await worldWithLine();
    const sessionId = await requestReview(world);
    const taken = await Promise.all(Array.from({ length: 5 }, () => pool.connect()));
    expect(await truthOf(await bobApproves(world, sessionId))).toContain('was not recorded');
    for (const client of taken) client.release();
    await eventually(() => pool.idleCount === pool.totalCount && pool.waitingCount === 0);
    await quiet(world);
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('when the line broke before its commit', async () => {
    const { world, line } = await worldWithLine();
    const sessionId = await requestReview(world);
    line.set('cut_before_commit');
    const answer = await bobApproves(world, sessionId, patient(world));
    line.set('pass');
    expect(await truthOf(answer)).toContain('was not recorded');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });
});

describe('a commit whose outcome is not known', () => {
  test('is looked up: it counts when the line broke after it, and is signalled', async () => {
    const { world, line } = await worldWithLine();
    const sessionId = await requestReview(world);
    line.set('cut_after_commit');
    const answer = await bobApproves(world, sessionId, patient(world));
    line.set('pass');
    expect(await truthOf(answer)).toContain('your approval counts');
    const [decision] = await decisionsOf(world, sessionId);
    expect(world.temporal.signals).toMatchObject([{ name: 'approve', decisionId: decision?.id }]);
  });

  test('is never said not to count while it may still come', async () => {
    const { world, line } = await worldWithLine();
    const sessionId = await requestReview(world);
    line.set('hold_commit');
    expect(await truthOf(await bobApproves(world, sessionId, patient(world)))).toContain('cannot tell yet');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
    line.set('pass');
    await eventually(async () => (await decisionsOf(world, sessionId)).length === 1);
  });
});

describe('decisions at the same time', () => {
  test('of two reviewers both count, and complete the review once', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { policy: { minApprovals: 2 } });
    const message = await onlyMessage(world);

    await Promise.all([click(world, 'bob', 'approve', message), click(world, 'carol', 'approve', message)]);

    expect((await decisionsOf(world, sessionId)).map((d) => [d.seq, d.verdict])).toEqual([
      [1, 'approve'],
      [2, 'approve'],
    ]);
    const session = await world.db.query('select state from sessions where id = $1', [sessionId]);
    expect(session.rows).toEqual([{ state: 'approved' }]);
  });

  test('of approve and reject: the reject ends it, and who approves after it is told of it', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { policy: { groups: ['sre'] } });
    const message = await onlyMessage(world);
    const modal = await openModal(world, 'carol', 'reject', message);

    const [approved, rejected] = await Promise.all([
      click(world, 'bob', 'approve', message),
      submit(world, 'carol', modal, { reason: 'no' }),
    ]);

    expect([approved, rejected]).toMatchObject([{ acked: true }, { acked: true, views: [] }]);
    const verdicts = (await decisionsOf(world, sessionId)).map((d) => d.verdict);
    // approved and not run yet: a reject still stops it
    if (verdicts.length === 2) expect(verdicts).toEqual(['approve', 'reject']);
    else {
      expect(verdicts).toEqual(['reject']);
      expect(await privateText(world, 'bob')).toContain('Carol Castro (carol@example.com) rejected it');
    }
  });

  test('an approve that comes after a reject is told of it, also before the session has ended', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world);
    const message = await onlyMessage(world);
    const modal = await openModal(world, 'carol', 'reject', message);
    await submit(world, 'carol', modal, { reason: 'no' });

    await click(world, 'bob', 'approve', message);

    expect(await privateText(world, 'bob')).toContain('Carol Castro (carol@example.com) rejected it');
    expect(shownText(await openModal(world, 'bob', 'reject', message))).toContain('rejected it');
    expect((await decisionsOf(world, sessionId)).map((d) => d.verdict)).toEqual(['reject']);
  });
});

test('a decision that was committed and not signalled is signalled by the sweep', async () => {
  const world = await createWorld();
  await startConnected(world);
  const sessionId = await askInSlack(world);
  world.temporal.down = true;
  await click(world, 'bob', 'approve');
  world.temporal.down = false;
  await sweep(world.core, 0);
  const [decision] = await decisionsOf(world, sessionId);
  expect(world.temporal.signals).toMatchObject([{ name: 'approve', decisionId: decision?.id }]);
});

test('a Temporal that does not answer keeps nobody from being told that the decision counts', async () => {
  const { world, line } = await worldWithLine();
  const sessionId = await requestReview(world);
  const getHandle = () => ({ signal: () => new Promise(() => undefined) });
  world.core.temporal = { workflow: { getHandle } } as never;
  line.set('cut_after_commit');
  const answer = await bobApproves(world, sessionId, patient(world));
  line.set('pass');
  expect(await truthOf(answer)).toContain('your approval counts');
  expect(await decisionsOf(world, sessionId)).toHaveLength(1);
});

test('a modal that Slack does not open any more is told of, with what to do', async () => {
  const world = await createWorld();
  await startConnected(world);
  await askInSlack(world);
  await world.control.post('faults', { kind: 'error', method: 'views.open', error: 'expired_trigger_id' });
  await click(world, 'bob', 'reject');
  expect(await privateText(world, 'bob')).toContain('please click Reject again');
});

test('a modal is filled though Slack fails a call in between', async () => {
  const world = await createWorld();
  await startConnected(world);
  await askInSlack(world);
  await world.control.post('faults', { kind: '5xx', method: 'views.update' });
  const view = await openModal(world, 'bob', 'reject');
  expect(view.submit?.text).toBe('Reject');
});
