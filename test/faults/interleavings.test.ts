import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelSession, decideReview, revokeSession, signalOrLeaveToSweep, type Decided } from '#core/decide-review.ts';
import { sweep } from '#core/sweep.ts';
import { sweepClosed } from '#core/sweep-workflows.ts';
import { HoopError } from '#shared/errors.ts';
import { isEndState } from '#shared/session-states.ts';
import { workflowId } from '#shared/task-queues.ts';
import { findRun } from '#db/runs.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { eventually } from '../support/eventually.ts';
import { seededRun, type Seeded } from '../support/seeded.ts';
import { as, openFaultWorld, resultOf, type FaultWorld } from './world.ts';
import { openWatching, type Watching } from './watching.ts';

/** Sessions at a time. */
const lanes = 40;
/** What may be said to who comes too late or may not. */
const refusals = ['review_closed', 'review_already_decided', 'review_not_eligible', 'session_ended'];
const laterRefusals = [...refusals, 'session_already_running', 'not_allowed', 'review_own_request'];

let world: FaultWorld;
let watching: Watching;
let sweeping: Promise<void>;
let over = false;

beforeAll(async () => {
  world = await openFaultWorld();
  watching = await openWatching(world);
  sweeping = sweepUntilOver();
}, 120_000);
afterAll(async () => {
  over = true;
  await sweeping;
  await watching.close();
  await world.close();
}, 60_000);

async function sweepUntilOver(): Promise<void> {
  while (!over) {
    await sweep(world.core, 300);
    await sweepClosed(world.core, { everyMs: 1000 });
    await wait(250);
  }
}

type Act = 'approve' | 'reject' | 'cancel' | 'revoke' | 'terminate';
type Person = 'asker' | 'bob' | 'carol' | 'root';
interface Move {
  act: Act;
  by: Person;
  atMs: number;
  /** The process dies between the commit and the signal; the sweep sends it. */
  signalLost: boolean;
}
interface Told extends Move {
  refusal: HoopError | null;
  decided: Decided | null;
}

/** Who does what and when; several at the same instant, around the expiry where there is one soon. */
function planOf(random: Seeded): { connection: string; lastsMs: number; moves: Move[] } {
  const connection = random.pick(['bash', 'bash', 'two', 'two', 'free', 'brief']);
  const instant = connection === 'brief' ? 985 + random.below(30) : random.below(60);
  const moves: Move[] = [];
  const count = 1 + random.below(5);
  for (let i = 0; i < count; i += 1) {
    const act = random.pick<Act>(['approve', 'approve', 'approve', 'approve', 'reject', 'cancel', 'revoke']);
    const by =
      act === 'cancel' ? 'asker' : act === 'revoke' ? 'root' : random.pick<Person>(['bob', 'carol', 'carol', 'asker']);
    const atMs = random.chance(0.6) ? instant : random.below(120);
    moves.push({ act, by, atMs, signalLost: random.chance(0.15) });
  }
  if (random.chance(0.04)) moves.push({ act: 'terminate', by: 'root', atMs: random.below(150), signalLost: false });
  return { connection, lastsMs: random.pick([1, 1, 20, 200]), moves };
}

async function play(index: number, random: Seeded): Promise<string> {
  const { connection, lastsMs, moves } = planOf(random);
  const since = Date.now();
  const session = await world.ask(connection);
  world.agent.lasts.set(session.id, lastsMs);
  const seenEnd = watching.end(session.id);
  seenEnd.catch(() => undefined); // is waited for at the end, or something else went wrong before
  const isBrief = connection === 'brief';
  const told = await Promise.all(
    moves.map(async (move): Promise<Told> => {
      const start = isBrief ? session.createdAt.getTime() : since;
      await wait(Math.max(0, start + move.atMs - Date.now()));
      return doMove(session, move);
    }),
  );
  const described = async (what: string): Promise<string> => {
    const { status } = await world.core.temporal.workflow.getHandle(workflowId(session.id)).describe();
    const state = (await findSession(world.core.db, session.id))?.state;
    return `${what}: ${state} in the rows, ${status.name} in Temporal; ${JSON.stringify({ connection, moves })}`;
  };
  // nobody else will decide: what is still open is withdrawn, so that no case waits for its expiry
  const open = await eventually(async () => settledOrOpen(session.id, isBrief, moves), {
    deadlineMs: 60_000,
    everyMs: 50,
    describe: 'the session to settle or to wait',
  }).catch(async (error: unknown) => {
    throw new Error(await described(String(error)));
  });
  if (open === 'waits') await doMove(session, { act: 'cancel', by: 'asker', atMs: 0, signalLost: false });
  const ended = await eventually(async () => (await endedRow(session.id)) ?? false, {
    deadlineMs: 90_000,
    everyMs: 100,
    describe: 'the end of the session',
  });
  const problem = await problemOf(ended, told, await seenEnd);
  if (problem !== null) throw new Error(`${problem} (case ${index}: ${JSON.stringify({ connection, moves })})`);
  return ended.state;
}

async function endedRow(id: string): Promise<SessionRow | undefined> {
  const row = await findSession(world.core.db, id);
  return row && isEndState(row.state) ? row : undefined;
}

async function settledOrOpen(id: string, isBrief: boolean, moves: Move[]): Promise<'ended' | 'waits' | false> {
  const row = await findSession(world.core.db, id);
  if (!row) return false;
  if (isEndState(row.state)) return 'ended';
  return !isBrief && row.state === 'pending' && !moves.some((move) => move.act === 'terminate') ? 'waits' : false;
}

async function doMove(session: SessionRow, move: Move): Promise<Told> {
  const { core, people } = world;
  const ctx = as(core, people[move.by] satisfies UserRow);
  try {
    if (move.act === 'terminate') {
      await core.temporal.workflow
        .getHandle(workflowId(session.id))
        .terminate('by hand')
        .catch(() => undefined);
      return { ...move, refusal: null, decided: null };
    }
    const decided = await (move.act === 'cancel'
      ? cancelSession(ctx, session.id)
      : move.act === 'revoke'
        ? revokeSession(ctx, session.id)
        : decideReview(ctx, session.id, { verdict: move.act, digest: session.digest, reason: 'because' }));
    if (!move.signalLost) await signalOrLeaveToSweep(core, decided.decision);
    return { ...move, refusal: null, decided };
  } catch (error) {
    if (error instanceof HoopError) return { ...move, refusal: error, decided: null };
    throw error;
  }
}

/** One end, the same for rows, Temporal, and stream, and nobody was told what is not so; null when all holds. */
async function problemOf(
  row: SessionRow,
  told: Told[],
  seen: { state: string; message?: string },
): Promise<string | null> {
  const { state } = row;
  // one that was terminated after the end of its session is followed by another, which shows that end
  const result = await eventually(() => resultOf(world.core, row.id), { deadlineMs: 60_000, everyMs: 250 });
  if (result !== state) return `rows say ${state}, Temporal ${result}`;
  if (seen.state !== state) return `rows say ${state}, the stream ${seen.state}`;
  const starts = world.agent.startsOf(row.id);
  const run = await findRun(world.core.db, row.id);
  if (starts > 1) return `started ${starts} times`;
  if (starts === 1 && !run) return 'started without a consumed run';
  if (starts === 0 && state === 'finished') return 'finished without a start';
  const stops = told.flatMap(({ decided, act }) =>
    decided && act !== 'approve' ? [{ act, before: decided.session.state }] : [],
  );
  const early = stops.find(({ before }) => before !== 'running');
  if (early && starts > 0) return `started though ${early.act} counted while ${early.before}`;
  const wanted = { reject: 'rejected', cancel: 'cancelled', revoke: 'revoked' } as Record<string, string>;
  const terminated = told.some(({ act }) => act === 'terminate');
  if (early && !terminated && !stops.some(({ act }) => wanted[act] === state))
    return `${early.act} counted and it is ${state}`;
  if (['rejected', 'revoked'].includes(state) && stops.length === 0) return `${state} by nobody`;
  for (const { act, by, refusal } of told) {
    if (refusal === null) continue;
    if (!laterRefusals.includes(refusal.code)) return `${by} was told ${refusal.code} for ${act}`;
    const named = /already ended \((\w+)\)/.exec(refusal.message)?.[1];
    if (named !== undefined && named !== state) return `${by} was told it is ${named}, and it is ${state}`;
  }
  return null;
}

test('whoever decides, withdraws, expires, revokes, loses a signal or terminates at the same instant: one end everywhere', async () => {
  const run = seededRun('interleavings', 400);
  const indexes = run.indexes();
  const waiting = indexes.values();
  const seen = new Map<string, number>();
  const problems: string[] = [];
  const lane = async (): Promise<void> => {
    for (const index of waiting) {
      if (problems.length > 0) return;
      try {
        const state = await play(index, run.of(index));
        seen.set(state, (seen.get(state) ?? 0) + 1);
      } catch (error) {
        problems.push(`${error instanceof Error ? error.message : String(error)}; ${run.repeat(index)}`);
      }
    }
  };
  const since = Date.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (Date.now() - since) / 1000;
  console.log(`ends in ${seconds.toFixed(0)} s: ${[...seen].map(([state, count]) => `${state} ${count}`).join(', ')}`);
  expect(problems).toEqual([]);
  const ends = ['cancelled', 'expired', 'finished', 'rejected', 'revoked'];
  if (indexes.length >= 300) expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(ends));
}, 600_000);
