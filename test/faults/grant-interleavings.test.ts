import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweep } from '#core/sweep.ts';
import { sweepClosed } from '#core/sweep-workflows.ts';
import { isEndState } from '#shared/session-states.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import { eventually } from '../support/eventually.ts';
import { seededRun, type Seeded } from '../support/seeded.ts';
import { askGrant, doMove, planOf, problemOf, storyOf, type Move, type Told } from './grant-case.ts';
import { openWatching, type Watching } from './watching.ts';
import { openFaultWorld, resultOf, type FaultWorld } from './world.ts';

/** Grants at a time. */
const lanes = 24;

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

const waits = { deadlineMs: 90_000, everyMs: 50 };

async function play(random: Seeded): Promise<string> {
  const plan = planOf(random);
  const grant = await askGrant(world, plan.connection);
  const ends = new Map([[grant.id, watching.end(grant.id)]]);
  const watch = (id: string): void => void ends.set(id, quietly(watching.end(id)));
  quietly(ends.get(grant.id));
  const act = async (moves: Move[]): Promise<Told[]> => {
    const since = Date.now();
    return Promise.all(
      moves.map(async (move) => {
        await wait(Math.max(0, since + move.atMs - Date.now()));
        return doMove(world, grant, move, watch);
      }),
    );
  };
  const alone = (what: Pick<Move, 'act' | 'by'>) => act([{ ...what, atMs: 0, signalLost: false }]);
  const told = await act(plan.review);
  // what is open still is approved by all, so that no case waits for its expiry
  for (const by of ['bob', 'carol'] as const) told.push(...(await alone({ act: 'approve', by })));
  if ((await settled(grant)).state === 'active') told.push(...(await act(plan.active)));
  told.push(...(await alone({ act: 'cancel', by: 'asker' })));
  for (const { asked } of told) if (asked) await endExtension(asked);
  const under = told.flatMap(({ asked }) => (asked ? [asked.id] : []));
  for (const id of [grant.id, ...under]) await sameEverywhere(id, ends.get(id));
  const story = await storyOf(world, grant.id, under);
  const problem = await problemOf(world, story, told);
  if (problem !== null) throw new Error(`${problem} (${JSON.stringify(plan)})`);
  return story.grant.state;
}

function quietly<T>(promise: T): T {
  // is waited for at the end, or something else went wrong before
  if (promise instanceof Promise) promise.catch(() => undefined);
  return promise;
}

/** Once it is active, or over. */
function settled(grant: SessionRow): Promise<SessionRow> {
  return eventually(
    async () => {
      const row = await findSession(world.core.db, grant.id);
      return row && (row.state === 'active' || isEndState(row.state)) ? row : false;
    },
    { ...waits, describe: 'the grant to become active or to end' },
  );
}

/** What nobody decided is withdrawn. */
async function endExtension(asked: SessionRow): Promise<void> {
  if (asked.kind === 'connect')
    await doMove(world, asked, { act: 'cancel', by: 'asker', atMs: 0, signalLost: false }, () => undefined);
}

/** One end: in the rows, for who watches over the API, and in Temporal. */
async function sameEverywhere(id: string, seen: ReturnType<Watching['end']> | undefined): Promise<void> {
  const { state } = await eventually(
    async () => {
      const row = await findSession(world.core.db, id);
      return row && isEndState(row.state) ? row : false;
    },
    { ...waits, describe: `the end of ${id}` },
  );
  const result = await eventually(() => resultOf(world.core, id), { deadlineMs: 60_000, everyMs: 250 });
  expect([(await seen)?.state, result]).toEqual([state, state]);
}

test('a grant that is approved, run under, extended, given back, revoked and over at the same instant: one end everywhere', async () => {
  const run = seededRun('interleavings of grants', 90);
  const indexes = run.indexes();
  const waiting = indexes.values();
  const seen = new Map<string, number>();
  const problems: string[] = [];
  const lane = async (): Promise<void> => {
    for (const index of waiting) {
      if (problems.length > 0) return;
      try {
        const state = await play(run.of(index));
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
  if (indexes.length >= 90)
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(['cancelled', 'ended', 'revoked']));
}, 600_000);
