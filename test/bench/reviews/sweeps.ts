/** What a round of each sweep costs: the worker's own code, with its calls to Temporal and Postgres counted. */
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { PoolClient } from 'pg';
import pino from 'pino';
import { taskQueues } from '#shared/task-queues.ts';
import type { Core } from '#core/context.ts';
import { createSealer } from '#core/sealer.ts';
import { sweep } from '#core/sweep.ts';
import { sweepClosed, sweepRunning } from '#core/sweep-workflows.ts';
import { openDatabase, type Database } from '#db/pool.ts';
import { eventually } from '#test/support/eventually.ts';
import { now } from '../lib/clock.ts';
import { summarize, type Summary } from '../lib/statistics.ts';
import type { ReviewsBench } from './stage.ts';

export const sweepNames = ['rows', 'closed', 'running'] as const;
export type SweepName = (typeof sweepNames)[number];

export interface SweepCost {
  /** Milliseconds of a round. */
  round: Summary;
  /** Calls in one, and the milliseconds that were waited for Postgres. */
  temporalCalls: number;
  queries: number;
  postgres: Summary;
}

export type SweepResult = Record<SweepName, SweepCost>;

const rounds = 5;
/** As `workers/parts/sweeper.ts` has it. */
const olderThanMs = 5_000;

interface Counter {
  temporalCalls: number;
  queries: number;
  postgresMs: number;
}

export async function measureSweeps({ hoop: { run } }: Pick<ReviewsBench, 'hoop'>): Promise<SweepResult> {
  const counter: Counter = { temporalCalls: 0, queries: 0, postgresMs: 0 };
  const connection = await Connection.connect({ address: run.temporalAddress });
  const db = openDatabase({ url: run.databaseUrl, max: 5 });
  const core = coreOf(countedDatabase(db, counter), countedConnection(connection, counter));
  const cost = async (work: () => Promise<unknown>): Promise<SweepCost> => {
    const [took, waited]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      // null while the worker is at the same sweep
      await eventually(
        async () => {
          Object.assign(counter, { temporalCalls: 0, queries: 0, postgresMs: 0 });
          const began = now();
          const done = await work();
          if (done === null) return undefined;
          took.push(now() - began);
          waited.push(counter.postgresMs);
          return true;
        },
        { deadlineMs: 120_000, everyMs: 50, describe: 'a turn of the sweep' },
      );
    }
    const { temporalCalls, queries } = counter;
    return { round: summarize(took), temporalCalls, queries, postgres: summarize(waited) };
  };
  try {
    return {
      rows: await cost(() => sweep(core, olderThanMs)),
      closed: await cost(() => sweepClosed(core, { everyMs: 0 })),
      running: await cost(() => sweepRunning(core, { everyMs: 0 })),
    };
  } finally {
    await connection.close();
    await db.end();
  }
}

function coreOf(db: Database, connection: Connection): Core {
  const none = (): never => {
    throw new Error('a sweep does not speak with Slack');
  };
  return {
    db,
    temporal: new Client({ connection, namespace: 'default' }),
    queues: taskQueues(''),
    queuePrefix: '',
    publicUrl: 'http://hoop.bench',
    temporalAddress: null,
    temporalUiUrl: null,
    sealer: createSealer([randomBytes(32)]),
    slack: { apiUrlFor: none, verify: none, resolveChannels: none, listChannels: none, postTest: none },
    log: pino({ level: 'warn' }, pino.destination(2)),
    now: () => new Date(),
  };
}

function countedDatabase(db: Database, counter: Counter): Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'query') return countedQuery(target, counter);
      if (name === 'connect') return async () => countedClient(await target.connect(), counter);
      return bound(target, name);
    },
  });
}

function countedClient(client: PoolClient, counter: Counter): PoolClient {
  return new Proxy(client, {
    get: (target, name) => (name === 'query' ? countedQuery(target, counter) : bound(target, name)),
  });
}

function countedQuery(target: Pick<Database, 'query'>, counter: Counter) {
  return async (text: string, values?: unknown[]) => {
    counter.queries += 1;
    const began = now();
    try {
      return await target.query(text, values);
    } finally {
      counter.postgresMs += now() - began;
    }
  };
}

function countedConnection(connection: Connection, counter: Counter): Connection {
  const workflowService = new Proxy(connection.workflowService, {
    get(target, name) {
      const found = bound(target, name);
      if (typeof found !== 'function' || Object.hasOwn(Object.prototype, name)) return found;
      return (...args: unknown[]): unknown => {
        counter.temporalCalls += 1;
        return found(...args);
      };
    },
  });
  return new Proxy(connection, {
    get: (target, name) => (name === 'workflowService' ? workflowService : bound(target, name)),
  });
}

/** Methods keep their own `this`: theirs may hold private fields. */
function bound(target: object, name: string | symbol): unknown {
  const found: unknown = Reflect.get(target, name);
  return typeof found === 'function' ? found.bind(target) : found;
}
