/** Where the time of one session went: its rows, its workflow's history and the agent's logs, on one clock. */
import type { Client } from '@temporalio/client';
import type { BenchHoop } from '../lib/hoop.ts';
import { summarize, type Summary } from '../lib/statistics.ts';

/** A moment by name, in ms since the epoch. */
export type Trace = [step: string, at: number][];

export interface Step {
  step: string;
  ms: Summary;
}

type Timestamp =
  { seconds?: { toNumber(): number } | number | string | null; nanos?: number | null } | null | undefined;

function millis(time: Timestamp): number {
  const seconds = time?.seconds;
  const whole = typeof seconds === 'object' && seconds ? seconds.toNumber() : Number(seconds);
  return whole * 1000 + (time?.nanos ?? 0) / 1e6;
}

/** From the start of the CLI to its exit, of a session that nobody had to approve. */
export async function traceOfRun(
  hoop: BenchHoop,
  client: Client,
  id: string,
  cli: { spawned: number; firstStdout: number; ended: number },
): Promise<Trace> {
  const [known, run] = await Promise.all([rowsOf(hoop, id), historyOf(client, id)]);
  return [
    ['', cli.spawned],
    ['CLI starts, gateway gets and checks the request', known.created],
    ['session written, workflow started', run.started],
    ['workflow task reaches the worker', run.taskOf(run.started)],
    ['review opened (openReview), execute scheduled', run.scheduled],
    ['execute reaches the gateway', run.begun],
    ['...and its transaction', known.consumed],
    ['approval consumed, order sent, in the journal', await logged(hoop, 'logs/agent.log', id, 'order accepted')],
    ['command started by the runner', await logged(hoop, 'agent/runner.log', id, 'command started')],
    ['first byte at the CLI', cli.firstStdout],
    ['command ended', await logged(hoop, 'agent/runner.log', id, 'command ended')],
    ['end reported and stored, execute completed', run.completed],
    ['workflow task reaches the worker again', run.taskOf(run.completed)],
    ['end written (activity finishSession)', known.ended],
    ['end told, CLI exits', cli.ended],
  ];
}

/** From the request that decides to the first byte of output. */
export async function traceOfDecision(
  hoop: BenchHoop,
  client: Client,
  id: string,
  marks: { sent: number; firstOutput: number },
): Promise<Trace> {
  const [known, run] = await Promise.all([rowsOf(hoop, id), historyOf(client, id)]);
  return [
    ['', marks.sent],
    ['request read, transaction begins', known.decided],
    ['decision written, workflow signalled', run.signalled],
    ['workflow task reaches the worker', run.taskOf(run.signalled)],
    ['decisions loaded (activity loadDecisions)', known.approved],
    ['state recorded, execute scheduled', run.scheduled],
    ['execute reaches the gateway', run.begun],
    ['...and its transaction', known.consumed],
    ['approval consumed, order sent, in the journal', await logged(hoop, 'logs/agent.log', id, 'order accepted')],
    ['command started by the runner', await logged(hoop, 'agent/runner.log', id, 'command started')],
    ['first byte at who waits', marks.firstOutput],
  ];
}

/** Each step's share: what lies between its moment and the one before. */
export function stepsOf(traces: Trace[]): Step[] {
  const names = traces[0]?.slice(1).map(([step]) => step) ?? [];
  return names.map((step, index) => ({
    step,
    ms: summarize(traces.map((trace) => (trace[index + 1]?.[1] ?? Number.NaN) - (trace[index]?.[1] ?? Number.NaN))),
  }));
}

async function rowsOf({ db }: BenchHoop, id: string) {
  const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
  const found = await db.query<Record<'created' | 'approved' | 'consumed' | 'ended' | 'decided', number>>(
    `select ${ms('s.created_at')} as created, ${ms('s.approved_at')} as approved, ${ms('s.ended_at')} as ended,
       ${ms('r.consumed_at')} as consumed,
       (select ${ms('min(d.created_at)')} from decisions d where d.session_id = s.id) as decided
     from sessions s join runs r on r.session_id = s.id where s.id = $1`,
    [id],
  );
  const row = found.rows[0];
  if (!row) throw new Error(`session ${id} has no run`);
  return row;
}

async function historyOf(client: Client, id: string) {
  const { events } = await client.workflow.getHandle(`session-${id}`).fetchHistory();
  const all = events ?? [];
  const scheduled = all.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'execute',
  )?.eventId;
  const ofExecute = (id: unknown) => String(id) === String(scheduled);
  const at = (event: (typeof all)[number] | undefined) => millis(event?.eventTime as Timestamp);
  return {
    started: at(all[0]),
    signalled: at(all.find((event) => event.workflowExecutionSignaledEventAttributes)),
    scheduled: at(all.find((event) => ofExecute(event.eventId))),
    begun: at(all.find((e) => ofExecute(e.activityTaskStartedEventAttributes?.scheduledEventId))),
    completed: at(all.find((e) => ofExecute(e.activityTaskCompletedEventAttributes?.scheduledEventId))),
    /** The first workflow task that a worker got at or after `moment`. */
    taskOf: (moment: number) => at(all.find((e) => e.workflowTaskStartedEventAttributes && at(e) >= moment)),
  };
}

async function logged(hoop: BenchHoop, file: string, sessionId: string, message: string): Promise<number> {
  for (const line of (await hoop.log(file)).split('\n')) {
    if (!line.includes(sessionId) || !line.includes(message)) continue;
    const entry = JSON.parse(line) as { time: number; sessionId: string; msg: string };
    if (entry.sessionId === sessionId && entry.msg === message) return entry.time;
  }
  throw new Error(`${file} does not say "${message}" of ${sessionId}`);
}
