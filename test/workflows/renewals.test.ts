import { Context as ActivityContext } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { OpenedReview } from '#activities/types.ts';
import { alignApprovedBy } from '#core/align-session.ts';
import type { Context } from '#core/context.ts';
import { decideReview, signalDecision } from '#core/decide-review.ts';
import { removeConnection } from '#core/delete-connection.ts';
import { saveConnection, type ConnectionToSave } from '#core/save-connection.ts';
import { startSession } from '#core/start-session.ts';
import { setConnectionPlugin } from '#db/connections.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { setUserGroups, type UserRow } from '#db/users.ts';
import { HoopError } from '#shared/errors.ts';
import { workflowId } from '#shared/task-queues.ts';
import { executeFailures } from '#shared/execute-failures.ts';
import { eventually } from '../support/eventually.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';
import { recordHistory } from './record-histories.ts';
import { createWorkflowWorld, finishWith, type WorkflowWorld } from './world.ts';

let world: WorkflowWorld;
let agentId: string;
let people: Record<'asker' | 'bob' | 'root', UserRow>;
let names = 0;
/** What the workflow is told of its time window and its reminder, besides what the rows say. */
let told: (rows: { opensAt?: number | null }) => Partial<OpenedReview> = () => ({});

const as = (user: UserRow): Context => ({ core: world.core, actor: { kind: 'user', user, via: 'api' } });
const change = (input: ConnectionToSave) => saveConnection(as(people.root), { overwrite: true, ...input });
const row = async (id: string): Promise<SessionRow> => {
  const found = await findSession(world.core.db, id);
  if (!found) throw new Error('no session');
  return found;
};
const decide = async (id: string, verdict: 'approve' | 'reject' = 'approve', who = people.bob): Promise<void> => {
  const { digest } = await row(id);
  await signalDecision(world.core, (await decideReview(as(who), id, { verdict, digest })).decision);
};
const toldOf = (id: string): string[] => world.slack.filter((note) => note.sessionId === id).map(({ what }) => what);
const becomes = (id: string, state: string) =>
  eventually(async () => (await row(id)).state === state && (await world.stateOf(id)) === state, {
    describe: `${state} in the rows and in the workflow`,
  });

async function asked(groups: string[] = ['sre']): Promise<{ name: string; id: string }> {
  const name = `conn-${(names += 1)}`;
  const connection = await makeConnection(world.core.db, agentId, { name, policy: { groups } });
  await setConnectionPlugin(world.core.db, connection, { name: 'slack', channels: ['#ops'], channelIds: ['C1'] });
  const input = { connection: name, kind: 'exec' as const, scriptEncoding: 'utf8' as const, args: [], env: {} };
  const { id } = (await startSession(as(people.asker), input)).session;
  const title = expect.getState().currentTestName ?? id;
  onTestFinished(() => recordHistory(world.core.temporal, workflowId(id), title));
  return { name, id };
}

/** As the gateway does: what stays that way is not tried again. */
const asGateway =
  (run: WorkflowWorld['execute']): WorkflowWorld['execute'] =>
  (key, agent) =>
    run(key, agent).catch((error: unknown) => {
      if (!(error instanceof HoopError)) throw error;
      const final = executeFailures.some((type) => type === error.code);
      throw final
        ? ApplicationFailure.nonRetryable(error.message, error.code)
        : ApplicationFailure.retryable(error.message, error.code);
    });

/** The agent of that name is not there: nobody polls for it, or its gateway cannot reach it. */
const awayWhile =
  (isAway: (agent: string) => boolean, run: WorkflowWorld['execute']): WorkflowWorld['execute'] =>
  (key, agent) => {
    if (isAway(agent)) throw ApplicationFailure.retryable('the agent is not here', 'agent_offline');
    return run(key, agent);
  };

beforeAll(async () => {
  world = await createWorkflowWorld(['default', 'other'], (real) => ({
    openReview: async (key) => {
      const rows = await real.openReview(key);
      return { ...rows, ...told(rows) };
    },
    loadDecisions: async (key) => {
      const rows = await real.loadDecisions(key);
      return { ...rows, ...told(rows) };
    },
  }));
  const { db } = world.core;
  people = {
    asker: await makeUser(db, 'asker@example.com', [], { slackId: 'UASKER' }),
    bob: await makeUser(db, 'bob@example.com', ['dba', 'sre'], { slackId: 'UBOB' }),
    root: await makeUser(db, 'root@example.com', ['admin']),
  };
  agentId = (await makeAgent(db)).id;
  await makeAgent(db, 'other');
}, 120_000);
afterAll(() => world.close());

describe('a connection that changes', () => {
  test('while the request waits: everybody is told, and only the new approval runs it', async () => {
    world.execute = asGateway(finishWith(world, 0));
    const { name, id } = await asked();
    await becomes(id, 'pending');
    const asks = () => toldOf(id).filter((what) => what === 'asked').length;
    await eventually(() => Promise.resolve(asks() === 1), { describe: 'asked' });
    await change({ name, command: ['sh'] });
    await eventually(() => Promise.resolve(toldOf(id).includes('changed') && asks() === 2), {
      describe: 'told of the change, and asked again',
    });
    expect(await world.stateOf(id)).toBe('pending');
    await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect(toldOf(id).filter((what) => what === 'changed')).toHaveLength(1);
  });

  test('its agent, while the old one is away: it is asked again, and runs on the new one', async () => {
    const agents: string[] = [];
    const run = finishWith(world, 0);
    world.execute = asGateway(
      awayWhile(
        (agent) => agent === 'default',
        (key, agent) => {
          agents.push(agent);
          return run(key, agent);
        },
      ),
    );
    const { name, id } = await asked();
    await decide(id);
    await becomes(id, 'queued');
    await change({ name, agent: 'other' });
    await becomes(id, 'pending');
    await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect(new Set(agents)).toEqual(new Set(['other']));
    expect(toldOf(id).filter((what) => what === 'approved')).toHaveLength(2);
  });

  test('its agent, when nobody has to approve: it runs on the new one at once', async () => {
    world.execute = asGateway(awayWhile((agent) => agent === 'default', finishWith(world, 0)));
    const { name, id } = await asked([]);
    await becomes(id, 'queued');
    await change({ name, agent: 'other' });
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect((await row(id)).envelopeVersion).toBe(2);
  });

  test('to no reviewers: what waits for them runs', async () => {
    world.execute = asGateway(finishWith(world, 0));
    const { name, id } = await asked();
    await becomes(id, 'pending');
    await change({ name, reviewers: [] });
    expect(await world.result(id)).toEqual({ state: 'finished' });
  });

  test('to reviewers, while its agent is away: what needed none is asked for', async () => {
    let away = true;
    world.execute = asGateway(awayWhile(() => away, finishWith(world, 0)));
    const { name, id } = await asked([]);
    await becomes(id, 'queued');
    await change({ name, reviewers: ['sre'] });
    await becomes(id, 'pending');
    await eventually(() => Promise.resolve(['C1', 'asked'].every((what) => toldOf(id).includes(what))), {
      describe: 'posted in the channel',
    });
    away = false;
    await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
  });

  test('is deleted: what waits ends, in the workflow too', async () => {
    const { name, id } = await asked();
    await becomes(id, 'pending');
    await removeConnection(as(people.root), name);
    expect(await world.result(id)).toEqual({ state: 'failed' });
    world.execute = awayWhile(() => true, finishWith(world, 0));
    const queued = await asked();
    await decide(queued.id);
    await becomes(queued.id, 'queued');
    await removeConnection(as(people.root), queued.name);
    expect(await world.result(queued.id)).toEqual({ state: 'failed' });
    expect((await row(queued.id)).endCause).toBe('connection_deleted');
  });

  test('without a word to the workflow: the gateway finds it, and the review is open again', async () => {
    const attempts: (number | undefined)[] = [];
    const run = finishWith(world, 0);
    world.execute = asGateway(async (key, agent) => {
      attempts.push(key.envelopeVersion);
      if (attempts.length === 1) {
        await world.core.db.query(`update connections set command = '{sh}', version = version + 1 where name = $1`, [
          name,
        ]);
      }
      return run(key, agent);
    });
    const { name, id } = await asked();
    await decide(id);
    await eventually(async () => (await row(id)).envelopeVersion === 2, { describe: 'a new envelope' });
    await becomes(id, 'pending');
    await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect([...new Set(attempts)]).toEqual([1, 2]);
  });

  test('while the command runs: nothing of it changes', async () => {
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const run = finishWith(world, 0);
    let cancelled = false;
    world.execute = asGateway(async (key, agent) => {
      const end = await run(key, agent);
      const { cancellationSignal, cancellationDetails } = ActivityContext.current();
      // not by a missed beat, as a busy machine may leave one out
      cancellationSignal.addEventListener('abort', () => (cancelled ||= cancellationDetails?.cancelRequested ?? false));
      await held;
      return end;
    });
    const { name, id } = await asked([]);
    await eventually(async () => (await row(id)).state === 'running', { describe: 'running' });
    await change({ name, command: ['sh'] });
    finish();
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect(cancelled).toBe(false);
    expect((await row(id)).envelopeVersion).toBe(1);
  });
});

test('a change at the moment of the approval: it runs as it was approved, or is approved again', async () => {
  world.execute = asGateway(finishWith(world, 0));
  for (let round = 0; round < 8; round += 1) {
    const { name, id } = await asked();
    const command = ['sh', String(round)];
    const [decided] = await Promise.allSettled([decide(id), change({ name, command })]);
    const { state, envelopeVersion } = await row(id);
    if (state === 'pending') expect(envelopeVersion).toBe(2);
    else expect(decided.status).toBe('fulfilled');
    if (state === 'pending') await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    const ran = await world.core.db.query(
      `select 1 from runs r join decisions d on d.session_id = r.session_id and d.digest = r.digest
       where r.session_id = $1 and d.verdict = 'approve'`,
      [id],
    );
    expect(ran.rowCount).toBe(1);
  }
}, 180_000);

describe('an approver who leaves before the run', () => {
  test('takes the approval along, and brings it back', async () => {
    let away = true;
    world.execute = asGateway(awayWhile(() => away, finishWith(world, 0)));
    const { id } = await asked(['dba']);
    await decide(id);
    await becomes(id, 'queued');
    await setUserGroups(world.core.db, people.bob.id, ['sre']);
    await alignApprovedBy(world.core, people.bob.id);
    await becomes(id, 'pending');
    away = false;
    await setUserGroups(world.core.db, people.bob.id, ['dba', 'sre']);
    await alignApprovedBy(world.core, people.bob.id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect((await row(id)).envelopeVersion).toBe(1);
  });

  test('found out by the gateway alone, the review is open again and another may approve', async () => {
    const dba = await makeUser(world.core.db, 'dba@example.com', ['dba']);
    let left = false;
    const run = finishWith(world, 0);
    world.execute = asGateway(async (key, agent) => {
      if (!left) await setUserGroups(world.core.db, people.bob.id, ['sre']);
      left = true;
      return run(key, agent);
    });
    const { id } = await asked(['dba']);
    await decide(id);
    await becomes(id, 'pending');
    await decide(id, 'approve', dba);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    await setUserGroups(world.core.db, people.bob.id, ['dba', 'sre']);
  });
});

describe('a time window', () => {
  test('holds an approved command until it opens', async () => {
    const opensAt = Date.now() + 2_500;
    told = () => ({ opensAt: Date.now() < opensAt ? opensAt : null });
    let began = 0;
    const run = finishWith(world, 0);
    world.execute = (key, agent) => {
      began = Date.now();
      return run(key, agent);
    };
    const { id } = await asked();
    await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    told = () => ({});
    expect(began).toBeGreaterThanOrEqual(opensAt);
    expect(toldOf(id).filter((what) => what === 'approved')).toHaveLength(1);
  });

  test('a rejection while it is closed ends the session', async () => {
    told = () => ({ opensAt: Date.now() + 600_000 });
    world.execute = () => Promise.reject(ApplicationFailure.nonRetryable('execute was reached'));
    const { id } = await asked();
    await decide(id);
    await becomes(id, 'approved');
    await decide(id, 'reject');
    expect(await world.result(id)).toEqual({ state: 'rejected' });
    told = () => ({});
  });

  test('that closed again before the agent came is waited for once more', async () => {
    let attempts = 0;
    const run = finishWith(world, 0);
    world.execute = asGateway((key, agent) => {
      attempts += 1;
      if (attempts === 1) throw ApplicationFailure.nonRetryable('closed', 'window_closed');
      return run(key, agent);
    });
    const { id } = await asked();
    await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect(attempts).toBe(2);
  });
});

describe('a reminder', () => {
  test('goes out once, while the request waits', async () => {
    told = () => ({ remindAt: Date.now() + 400 });
    world.execute = asGateway(finishWith(world, 0));
    const { id } = await asked();
    await eventually(() => Promise.resolve(toldOf(id).includes('reminder')), { describe: 'reminded' });
    told = () => ({});
    expect((await row(id)).remindedAt).not.toBeNull();
    await decide(id);
    expect(await world.result(id)).toEqual({ state: 'finished' });
    expect(toldOf(id).filter((what) => what === 'reminder')).toHaveLength(1);
  });
});
