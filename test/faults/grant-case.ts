/** One grant of the interleavings: what people do to it and when, and whether rows, Temporal, stream and answers agree. */
import { randomUUID } from 'node:crypto';
import { cancelSession, decideReview, revokeSession, signalOrLeaveToSweep, type Decided } from '#core/decide-review.ts';
import { startSession } from '#core/start-session.ts';
import { HoopError } from '#shared/errors.ts';
import { workflowId } from '#shared/task-queues.ts';
import * as messages from '#workflows/messages.ts';
import { listDecisions } from '#db/decisions.ts';
import { findSession, type SessionRow } from '#db/sessions.ts';
import type { Seeded } from '../support/seeded.ts';
import { as, type FaultWorld } from './world.ts';

export const askedSeconds = 600;

type Person = 'asker' | 'bob' | 'carol' | 'root';
type Act = 'approve' | 'reject' | 'cancel' | 'revoke' | 'run' | 'extend' | 'expire' | 'terminate';
export interface Move {
  act: Act;
  by: Person;
  atMs: number;
  /** approve: for so long at most. */
  seconds?: number;
  /** run: how long the command lasts by itself. */
  lastsMs?: number;
  /** extend: how the reviewer decides it, at once. */
  decided?: 'approve' | 'reject' | 'never';
  /** The process dies between the commit and the signal; the sweep sends it. */
  signalLost: boolean;
}
export interface Told extends Move {
  refusal: HoopError | null;
  decision: Decided | null;
  /** run, extend: what came of it. */
  asked: SessionRow | null;
}
export interface Plan {
  connection: string;
  /** While nobody has approved yet, and once it is active. */
  review: Move[];
  active: Move[];
}

const fewest = 60;

export function planOf(random: Seeded): Plan {
  const connection = random.pick(['bash', 'bash', 'two', 'free']);
  const moves = (acts: readonly Act[], count: number): Move[] => {
    const instant = random.below(80);
    return Array.from({ length: count }, () => {
      const act = random.pick(acts);
      const atMs = random.chance(0.7) ? instant : random.below(160);
      const move: Move = { act, by: byOf(act, random), atMs, signalLost: random.chance(0.15) };
      if (act === 'approve') move.seconds = random.pick([fewest, 90, 300, askedSeconds]);
      if (act === 'run') move.lastsMs = random.pick([1, 30, 600_000]);
      if (act === 'extend') move.decided = random.pick(['approve', 'approve', 'reject', 'never'] as const);
      return move;
    });
  };
  const terminate = (): Move[] =>
    random.chance(0.04) ? [{ act: 'terminate', by: 'root', atMs: random.below(150), signalLost: false }] : [];
  const early = ['approve', 'approve', 'approve', 'approve', 'reject', 'cancel', 'revoke', 'run'] as const;
  const late = ['run', 'run', 'run', 'extend', 'extend', 'expire', 'cancel', 'revoke'] as const;
  return {
    connection,
    review: [...moves(early, 1 + random.below(4)), ...terminate()],
    active: [...moves(late, 2 + random.below(5)), ...terminate()],
  };
}

function byOf(act: Act, random: Seeded): Person {
  if (act === 'cancel' || act === 'run' || act === 'extend') return 'asker';
  if (act === 'approve' || act === 'reject') return random.pick(['bob', 'carol', 'carol', 'asker'] as const);
  return 'root';
}

const asked = { scriptEncoding: 'utf8' as const, env: {} };

export async function askGrant({ core, people }: FaultWorld, connection: string): Promise<SessionRow> {
  const request = { ...asked, args: [], connection, kind: 'connect' as const, duration: askedSeconds };
  return (await startSession(as(core, people.asker), request)).session;
}

/** `onSession` hears of what is asked under the grant before anything can become of it. */
export async function doMove(
  world: FaultWorld,
  grant: SessionRow,
  move: Move,
  onSession: (id: string) => void,
): Promise<Told> {
  const told: Told = { ...move, refusal: null, decision: null, asked: null };
  try {
    if (move.act === 'expire') await expire(world, grant);
    else if (move.act === 'terminate') await terminate(world, grant);
    else if (move.act === 'run' || move.act === 'extend') told.asked = await askUnder(world, grant, move, onSession);
    else told.decision = await decide(world, grant, move);
    return told;
  } catch (error) {
    if (error instanceof HoopError) return { ...told, refusal: error };
    throw error;
  }
}

async function decide(world: FaultWorld, session: SessionRow, move: Move): Promise<Decided> {
  const ctx = as(world.core, world.people[move.by]);
  const { act, seconds, signalLost } = move;
  const verdict = act === 'reject' ? 'reject' : 'approve';
  const decided = await (act === 'cancel'
    ? cancelSession(ctx, session.id)
    : act === 'revoke'
      ? revokeSession(ctx, session.id)
      : decideReview(ctx, session.id, {
          ...{ verdict, digest: session.digest, reason: 'because' },
          ...(verdict === 'approve' && seconds !== undefined && { duration: seconds }),
        }));
  if (!signalLost) await signalOrLeaveToSweep(world.core, decided.decision);
  return decided;
}

async function askUnder(
  world: FaultWorld,
  grant: SessionRow,
  move: Move,
  onSession: (id: string) => void,
): Promise<SessionRow> {
  const { core, people, agent } = world;
  const id = randomUUID();
  if (move.act === 'run') agent.lasts.set(id, move.lastsMs ?? 1);
  const kind = move.act === 'run' ? ('exec' as const) : ('connect' as const);
  const request = { ...asked, args: [], id, connection: grant.connectionName, kind, grant: grant.id };
  const more = kind === 'connect' ? { duration: fewest } : {};
  const { session } = await startSession(as(core, people.asker), { ...request, ...more });
  onSession(id);
  if (move.act === 'extend' && move.decided !== 'never') {
    const by = { act: move.decided ?? 'approve', atMs: 0, signalLost: move.signalLost };
    for (const reviewer of ['bob', 'carol'] as const)
      await decide(world, session, { ...by, by: reviewer }).catch((error: unknown) => {
        // `free` asks nobody, and of two rejections one comes too late
        if (!(error instanceof HoopError)) throw error;
      });
  }
  return session;
}

/** Its time is over in a moment: the clock of Postgres is left alone, and the workflow told to look at the rows. */
async function expire({ core }: FaultWorld, grant: SessionRow): Promise<void> {
  await core.db.query(
    `update sessions set active_until = clock_timestamp() + interval '20 milliseconds' where id = $1 and state = 'active'`,
    [grant.id],
  );
  const handle = core.temporal.workflow.getHandle(workflowId(grant.id));
  await handle.signal(messages.renewed, grant.id).catch(() => undefined); // it is over
}

async function terminate({ core }: FaultWorld, grant: SessionRow): Promise<void> {
  await core.temporal.workflow
    .getHandle(workflowId(grant.id))
    .terminate('by hand')
    .catch(() => undefined);
}

interface Step {
  id: number;
  action: string;
  subject: string;
  details: { seconds?: number };
}

/** What the log has of a grant and of all under it: its order is that of the commits. */
export interface Story {
  grant: SessionRow;
  under: SessionRow[];
  steps: Step[];
  /** Moments at which runs were consumed, by the clock of Postgres, by session. */
  consumed: Map<string, Date>;
}

export async function storyOf({ core }: FaultWorld, id: string, ids: string[]): Promise<Story> {
  const all = await Promise.all([id, ...ids].map((each) => findSession(core.db, each)));
  const [grant, ...under] = all.filter((row) => row !== undefined);
  if (!grant || under.length < ids.length) throw new Error('a session is gone');
  const steps = await core.db.query<Step>(
    'select id, action, subject, details from audit_log where subject = any($1) order by id',
    [[id, ...ids].map((each) => `session:${each}`)],
  );
  const runs = await core.db.query<{ id: string; at: Date }>(
    'select session_id as id, consumed_at as at from runs where session_id = any($1)',
    [ids],
  );
  return { grant, under, steps: steps.rows, consumed: new Map(runs.rows.map(({ id: run, at }) => [run, at])) };
}

const lateRefusals = ['review_closed', 'review_already_decided', 'session_ended', 'session_already_running'];
const refusals = [...lateRefusals, 'review_not_eligible', 'review_own_request', 'grant_over'];

/** Null when all of it holds together. */
export async function problemOf(world: FaultWorld, story: Story, told: Told[]): Promise<string | null> {
  const { grant, under } = story;
  return (
    wrongEnd(await listDecisions(world.core.db, grant.id), story, told) ??
    wrongLength(story, told) ??
    under.map((row) => wrongUnder(world, story, row)).find((problem) => problem !== null) ??
    wrongAnswer(grant, told)
  );
}

const at = ({ steps }: Story, id: string, action: string): number | undefined =>
  steps.find((step) => step.subject === `session:${id}` && step.action === action)?.id;

function wrongEnd(decisions: { verdict: string }[], story: Story, told: Told[]): string | null {
  const { grant } = story;
  const wasActive = at(story, grant.id, 'grant.activate') !== undefined;
  const stop = decisions.find(({ verdict }) => verdict !== 'approve')?.verdict;
  const wanted = wasActive
    ? stop === 'revoke'
      ? 'revoked'
      : 'ended'
    : { reject: 'rejected', cancel: 'cancelled', revoke: 'revoked' }[stop ?? ''];
  if (grant.state === wanted) return null;
  if (!wasActive && grant.state === 'cancelled' && told.some(({ act }) => act === 'terminate')) return null;
  return `${grant.state}, though ${stop ?? 'nothing'} counted first and it was ${wasActive ? '' : 'never '}active`;
}

/** The least that an approval allows. */
function wrongLength({ steps }: Story, told: Told[]): string | null {
  const seconds = steps.find(({ action }) => action === 'grant.activate')?.details.seconds;
  if (seconds === undefined) return null;
  const approved = told.flatMap(({ act, decision, seconds: most }) =>
    act === 'approve' && decision ? [most ?? askedSeconds] : [],
  );
  const least = Math.min(askedSeconds, ...approved);
  return seconds === least ? null : `active for ${seconds} s, and ${least} s were approved`;
}

function wrongUnder({ agent }: FaultWorld, story: Story, row: SessionRow): string | null {
  const { grant, consumed } = story;
  const closed = at(story, grant.id, 'grant.close') ?? Infinity;
  if (row.kind === 'connect') {
    const moved = story.steps.some(({ action, details }) => action === 'grant.extend' && by(details) === row.id);
    if (moved !== (row.state === 'ended'))
      return `an extension is ${row.state}, and the grant was ${moved ? '' : 'not '}extended`;
    const late = story.steps.some(
      ({ id, action, details }) => action === 'grant.extend' && by(details) === row.id && id > closed,
    );
    return late ? 'extended after it was closed' : null;
  }
  const [starts, taken] = [agent.startsOf(row.id), at(story, row.id, 'run.consume')];
  if (starts > 1) return `a command started ${starts} times`;
  if (starts === 1 && taken === undefined) return 'a command started that was not consumed';
  if (taken === undefined && row.state === 'finished') return 'a command finished that was never consumed';
  if (taken !== undefined && taken > closed) return 'a command was consumed after the grant was closed';
  const until = grant.activeUntil?.getTime() ?? 0;
  if (taken !== undefined && (consumed.get(row.id)?.getTime() ?? 0) > until)
    return 'a command was consumed after the time of the grant';
  const [ended, over] = [at(story, row.id, `session.${row.state}`), at(story, grant.id, `session.${grant.state}`)];
  if (taken !== undefined && (ended ?? Infinity) > (over ?? 0)) return 'the grant ended before its command did';
  if (row.state !== 'finished' && !row.endMessage && taken === undefined)
    return `a command is ${row.state} and says not why`;
  return null;
}

const by = (details: object): string | undefined => (details as { by?: string }).by;

function wrongAnswer({ state }: SessionRow, told: Told[]): string | null {
  for (const { act, by: who, refusal } of told) {
    if (refusal === null) continue;
    if (!refusals.includes(refusal.code)) return `${who} was told ${refusal.code} for ${act}: ${refusal.message}`;
    const named = /already ended \((\w+)\)/.exec(refusal.message)?.[1];
    if (named !== undefined && named !== state) return `${who} was told it is ${named}, and it is ${state}`;
  }
  return null;
}
