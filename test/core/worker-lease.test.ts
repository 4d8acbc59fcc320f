/** A worker's lease is for people to see: a Postgres that is away keeps no worker from stopping in order. */
import { expect, onTestFinished, test } from 'vitest';
import { pino } from 'pino';
import { openDatabase } from '#db/pool.ts';
import { listWorkers } from '#db/workers.ts';
import { holdWorkerLease } from '#workers/parts/worker-lease.ts';
import { createTestCore } from '../support/core.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgresProxy } from '../support/postgres-proxy.ts';

async function holdLease() {
  const lines: { msg: string }[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const made = await createTestCore({ log });
  onTestFinished(() => made.close());
  const proxy = await startPostgresProxy(made.databaseUrl);
  const db = openDatabase({ url: proxy.url });
  db.on('error', () => undefined);
  onTestFinished(() => db.end());
  const lease = holdWorkerLease({ ...made.core, db }, { pid: 7, version: '1.0.0', build: 'b' });
  const workers = () => listWorkers(made.core.db);
  await eventually(async () => (await workers())[0]);
  return { lease, proxy, workers, lines };
}

test('who stops gives its lease up', async () => {
  const { lease, workers, lines } = await holdLease();
  await lease.release();
  expect(await workers()).toEqual([]);
  expect(lines).toEqual([]);
});

test('without Postgres the rest of the stop goes on, and the log says what stays', async () => {
  const { lease, proxy, workers, lines } = await holdLease();
  proxy.set('refuse');
  await expect(lease.release()).resolves.toBeUndefined();
  expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('could not be given up'));
  expect(await workers()).toMatchObject([{ pid: 7, alive: true }]);
});
