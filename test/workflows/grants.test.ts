import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cancelSession, decideReview, revokeSession, signalOrLeaveToSweep } from '#core/decide-review.ts';
import { saveConnection } from '#core/save-connection.ts';
import { sweepClosed } from '#core/sweep-workflows.ts';
import { startSession } from '#core/start-session.ts';
import { workflowId } from '#shared/task-queues.ts';
import { findAgent } from '#db/agents.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { setUserGroups } from '#db/users.ts';
import { as, auditOf, openFaultWorld, resultOf, stateOf, type FaultWorld } from '../faults/world.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import { makeConnection } from '../support/rows.ts';

let world: FaultWorld;
const slow = { deadlineMs: 30_000, everyMs: 50 };

beforeAll(async () => {
  world = await openFaultWorld();
  const { id } = await findAgent(world.core.db, 'default').then(
    (agent) => agent ?? Promise.reject(new Error('no agent')),
  );
  await makeConnection(world.core.db, id, { name: 'changing', policy: { groups: ['sre'] } });
}, 120_000);
afterAll(() => world.close(), 60_000);
beforeEach(async () => {
  world.agent.isHere = true;
  world.agent.lastsMs = 600_000;
  await setUserGroups(world.core.db, world.people.bob.id, ['sre']);
});

interface Asked {
  duration?: number;
  grant?: string;
  connection?: string;
}
const handleOf = ({ id }: SessionRow) => world.core.temporal.workflow.getHandle(workflowId(id));
const asker = () => as(world.core, world.people.asker);
const row = async ({ id }: { id: string }): Promise<SessionRow> => {
  const found = await findSession(world.core.db, id);
  if (!found) throw new Error('no session');
  return found;
};
const ask = async ({ connection = 'bash', ...rest }: Asked = {}): Promise<SessionRow> =>
  (await startSession(asker(), { connection, kind: 'connect', scriptEncoding: 'utf8', args: [], env: {}, ...rest }))
    .session;
const run = async (grant: SessionRow, connection = 'bash'): Promise<SessionRow> =>
  (
    await startSession(asker(), {
      ...{ connection, kind: 'exec', scriptEncoding: 'utf8', args: [], env: {}, grant: grant.id },
    })
  ).session;
const approve = async (session: SessionRow, duration?: number): Promise<void> => {
  const { digest } = await row(session);
  const input = { verdict: 'approve' as const, digest, ...(duration !== undefined && { duration }) };
  const { decision } = await decideReview(as(world.core, world.people.bob), session.id, input);
  await signalOrLeaveToSweep(world.core, decision);
};
const becomes = (session: SessionRow, state: string) =>
  eventuallyPasses(async () => expect(await stateOf(world.core, session.id)).toBe(state), slow);
/** As if so much of its time had gone by. */
const age = async (grant: SessionRow, seconds: number): Promise<void> => {
  await world.core.db.query(
    `update sessions set active_until = active_until - $2 * interval '1 second' where id = $1`,
    [grant.id, seconds],
  );
  await handleOf(grant).signal('renewed', grant.id);
};
async function active(asked: Asked = {}): Promise<SessionRow> {
  const grant = await ask(asked);
  await approve(grant);
  await becomes(grant, 'active');
  return row(grant);
}
const lasts = (grant: SessionRow): number =>
  Math.round(((grant.activeUntil?.getTime() ?? 0) - (grant.approvedAt?.getTime() ?? 0)) / 1000);

describe('a grant', () => {
  test('waits for its review, and its clock starts with the approval', async () => {
    const grant = await ask({ duration: 600 });
    await expect(run(grant)).rejects.toMatchObject({ code: 'grant_over', message: /not approved yet/ });
    await approve(grant);
    await becomes(grant, 'active');
    expect(lasts(await row(grant))).toBe(600);
    expect((await auditOf(world.core, `session:${grant.id}`)).map(({ action }) => action)).toContain('grant.activate');
  });

  test('lasts half an hour unless told, and as long as the reviewer allows', async () => {
    expect((await ask()).durationSeconds).toBe(1800);
    const grant = await ask();
    await approve(grant, 120);
    await becomes(grant, 'active');
    expect(lasts(await row(grant))).toBe(120);
  });

  test('takes the least that its reviewers allow, and no more than was asked for', async () => {
    const grant = await ask({ connection: 'two', duration: 600 });
    const { digest } = grant;
    const decide = (who: 'bob' | 'carol', duration: number) =>
      decideReview(as(world.core, world.people[who]), grant.id, { verdict: 'approve', digest, duration });
    await expect(decide('bob', 601)).rejects.toMatchObject({ code: 'invalid_input' });
    for (const [who, seconds] of [
      ['bob', 300],
      ['carol', 200],
    ] as const)
      await signalOrLeaveToSweep(world.core, (await decide(who, seconds)).decision);
    await becomes(grant, 'active');
    expect(lasts(await row(grant))).toBe(200);
  });

  test('is longer than its connection allows: refused when it is asked for', async () => {
    await saveConnection(as(world.core, world.people.root), { name: 'brief', overwrite: true, maxDuration: 120 });
    await expect(ask({ connection: 'brief', duration: 180 })).rejects.toMatchObject({ message: /2m at most/ });
    expect((await ask({ connection: 'brief' })).durationSeconds).toBe(120);
  });

  test('without reviewers is active at once', async () => {
    const grant = await ask({ connection: 'free' });
    await becomes(grant, 'active');
  });
});

describe('under an active grant', () => {
  test('commands run without a review, as often as one likes', async () => {
    world.agent.lastsMs = 1;
    const grant = await active();
    for (let time = 0; time < 3; time += 1) {
      const command = await run(grant);
      expect(await resultOf(world.core, command.id)).toBe('finished');
    }
    expect(await stateOf(world.core, grant.id)).toBe('active');
  });

  test('only its holder runs anything, on its connection alone', async () => {
    const grant = await active();
    await expect(run(grant, 'two')).rejects.toMatchObject({ code: 'grant_unknown' });
    await expect(
      startSession(as(world.core, world.people.bob), {
        ...{ connection: 'bash', kind: 'exec', scriptEncoding: 'utf8', args: [], env: {}, grant: grant.id },
      }),
    ).rejects.toMatchObject({ code: 'grant_unknown' });
  });

  test('nothing begins any more once who approved it has left the group', async () => {
    world.agent.isHere = false;
    const grant = await active();
    const waiting = await run(grant);
    await setUserGroups(world.core.db, world.people.bob.id, []);
    await expect(run(grant)).rejects.toMatchObject({ code: 'review_not_eligible' });
    world.agent.isHere = true;
    await eventually(async () => (await row(waiting)).endedAt !== null, slow);
    expect(world.agent.startsOf(waiting.id)).toBe(0);
  });

  test('nothing begins any more once its connection is another one', async () => {
    world.agent.isHere = false;
    const grant = await active({ connection: 'changing' });
    const waiting = await run(grant, 'changing');
    await saveConnection(as(world.core, world.people.root), { name: 'changing', overwrite: true, command: ['sh'] });
    expect(await resultOf(world.core, waiting.id)).toBe('failed');
    expect((await row(waiting)).endMessage).toMatch(/was changed since its grant was approved/);
    await expect(run(grant, 'changing')).rejects.toMatchObject({ code: 'grant_outdated' });
    expect(await stateOf(world.core, grant.id)).toBe('active');
  });
});

describe('at its end', () => {
  test('what runs under it is stopped, and then it has ended', async () => {
    const grant = await active({ duration: 600 });
    const command = await run(grant);
    await becomes(command, 'running');
    await age(grant, 600);
    expect(await resultOf(world.core, grant.id)).toBe('ended');
    expect(await row(command)).toMatchObject({ state: 'revoked', endMessage: 'The grant it ran under is over.' });
    await expect(run(grant)).rejects.toMatchObject({ code: 'grant_over' });
  });

  test('while the agent is away it is closing, and ends when the agent is back', async () => {
    const grant = await active({ duration: 600 });
    const command = await run(grant);
    await becomes(command, 'running');
    world.agent.isHere = false;
    await age(grant, 600);
    await becomes(grant, 'closing');
    world.agent.isHere = true;
    world.agent.exit(command.id);
    expect(await resultOf(world.core, grant.id)).toBe('ended');
  });

  test('revoked by an admin, it and what runs under it are revoked', async () => {
    const grant = await active();
    const command = await run(grant);
    await becomes(command, 'running');
    const { decision } = await revokeSession(as(world.core, world.people.root), grant.id, 'enough');
    await signalOrLeaveToSweep(world.core, decision);
    expect(await resultOf(world.core, grant.id)).toBe('revoked');
    expect((await row(grant)).endMessage).toMatch(/Revoked by .*enough/);
    expect((await row(command)).state).toBe('revoked');
  });

  test('given back by its holder, it has ended, and nothing is opened under it', async () => {
    const grant = await active();
    await signalOrLeaveToSweep(world.core, (await cancelSession(asker(), grant.id)).decision);
    expect(await resultOf(world.core, grant.id)).toBe('ended');
    expect((await row(grant)).endMessage).toBe('Who asked gave it back.');
    await expect(run(grant)).rejects.toMatchObject({ code: 'grant_over' });
  });

  test('a workflow that is terminated meanwhile is followed by one that holds the grant on', async () => {
    const grant = await active({ duration: 600 });
    const command = await run(grant);
    await becomes(command, 'running');
    await handleOf(grant).terminate('by hand');
    await eventuallyPasses(async () => {
      await sweepClosed(world.core, { everyMs: 0 });
      expect((await handleOf(grant).describe()).status.name).toBe('RUNNING');
    }, slow);
    expect(await stateOf(world.core, grant.id)).toBe('active');
    await age(grant, 600);
    expect(await resultOf(world.core, grant.id)).toBe('ended');
    expect((await row(command)).state).toBe('revoked');
  });
});

describe('an extension', () => {
  test('is reviewed, and then moves the end without a break', async () => {
    const grant = await active({ duration: 600 });
    const command = await run(grant);
    await becomes(command, 'running');
    const extension = await ask({ duration: 300, grant: grant.id });
    expect(lasts(await row(grant))).toBe(600);
    await approve(extension);
    expect(await resultOf(world.core, extension.id)).toBe('ended');
    expect(lasts(await row(grant))).toBe(900);
    expect((await row(command)).state).toBe('running');
    await age(grant, 900);
    expect(await resultOf(world.core, grant.id)).toBe('ended');
  });

  test('that is approved after the end of its grant fails and says why', async () => {
    const grant = await active({ duration: 600 });
    const extension = await ask({ duration: 300, grant: grant.id });
    await signalOrLeaveToSweep(world.core, (await revokeSession(as(world.core, world.people.root), grant.id)).decision);
    expect(await resultOf(world.core, grant.id)).toBe('revoked');
    await approve(extension);
    expect(await resultOf(world.core, extension.id)).toBe('failed');
    expect((await row(extension)).endMessage).toMatch(/is over/);
  });
});
