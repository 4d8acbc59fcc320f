/** What admins are told of each part of hoop, and that a part which is dead holds up no other. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { healthAdvice } from '#shared/health-advice.ts';
import { healthParts, type HealthPartName, type HealthView } from '#shared/health-schemas.ts';
import { readHealth } from '#core/read-health.ts';
import { reportSweep, reportSweepFailure } from '#core/report-sweep.ts';
import { renewGatewayLease } from '#db/agents.ts';
import { renewWorkerLease } from '#db/workers.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { makeAgent, makeConnection } from '#test/support/rows.ts';
import { addUser, startApi, type TestApi } from './support/api.ts';
import { signInAs, type Caller } from './support/client.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await startApi();
  await addUser(api, 'ann@example.com', ['admin']);
  await addUser(api, 'bob@example.com', []);
  admin = await signInAs(api, 'ann@example.com');
});
afterAll(() => api.stop());

const read = async () => (await admin.get<HealthView>('/api/health')).body;
const part = (view: HealthView, name: HealthPartName) => {
  const found = view.parts.find((one) => one.part === name);
  if (!found) throw new Error(`no part ${name}`);
  return found;
};

test('only admins read it', async () => {
  const bob = await signInAs(api, 'bob@example.com');
  expect((await bob.get('/api/health')).status).toBe(403);
});

test('every part is there, and the worst is the state of the whole', () =>
  // what does not answer in time on a busy machine is told of, as it is anywhere else
  eventuallyPasses(async () => {
    const view = await read();
    expect(view.parts.map((one) => one.part).sort()).toEqual([...healthParts].sort());
    expect(view).toMatchObject({ state: 'bad', version: '0.0.0-test' }); // no worker runs here
    expect(part(view, 'workers')).toMatchObject({
      state: 'bad',
      summary: 'No worker runs.',
      advice: [healthAdvice.worker_none],
    });
    expect(part(view, 'postgres')).toMatchObject({
      summary: expect.stringMatching(/^Answers in [\d.]+ ms\.$/),
    });
    expect(part(view, 'temporal')).toMatchObject({ state: 'ok' });
    expect(part(view, 'slack').state).toBe('ok');
  }));

test('gateways and workers that went without stopping are named, with their versions', async () => {
  const { db } = api;
  const worker = { host: 'w.example.com', pid: 7, build: '1.0.0-abc', version: '1.0.0' };
  await renewGatewayLease(db, randomUUID(), 'http://one', 3_600, { version: '1.0.0', host: 'one' });
  await renewWorkerLease(db, { ...worker, id: randomUUID() }, 3_600);
  const fine = await read();
  expect(part(fine, 'gateways')).toMatchObject({ state: 'ok', summary: '1 gateway runs.' });
  expect(part(fine, 'workers')).toMatchObject({ state: 'ok', summary: '1 worker runs.' });
  expect(part(fine, 'versions')).toMatchObject({ state: 'ok', summary: 'All that runs is hoop 1.0.0.' });

  await renewGatewayLease(db, randomUUID(), 'http://two', -1);
  await renewWorkerLease(db, { ...worker, id: randomUUID(), pid: 8, version: '0.9.0' }, -1);
  await renewWorkerLease(db, { ...worker, id: randomUUID(), pid: 9, version: '1.1.0' }, 3_600);
  const view = await read();
  expect(part(view, 'gateways')).toMatchObject({
    state: 'warning',
    summary: '1 gateway runs, 1 went without stopping.',
  });
  expect(part(view, 'workers')).toMatchObject({
    state: 'warning',
    summary: '2 workers run, 1 went without stopping.',
    advice: [healthAdvice.worker_gone],
  });
  const gone = part(view, 'workers').things.find(({ state }) => state === 'warning');
  expect(gone).toMatchObject({ name: 'w.example.com, process 8', summary: 'gone without stopping' });
  expect(part(view, 'versions')).toMatchObject({
    state: 'warning',
    summary: '2 releases run side by side: 1.1.0, 1.0.0.',
  });
});

test('a worker that does not ask Temporal for work is told from one that does', async () => {
  await api.db.query(`update workers set started_at = now() - interval '10 minutes' where pid = 7`);
  const thing = part(await read(), 'workers').things.find(({ name }) => name.endsWith('process 7'));
  expect(thing).toMatchObject({ state: 'bad', summary: 'does not ask Temporal for work' });
});

test('an agent that connections need and that is away is a warning', async () => {
  const { id } = await makeAgent(api.db, 'edge');
  expect(part(await read(), 'agents').state).toBe('ok');
  await makeConnection(api.db, id, { name: 'on-edge', keepDays: 30 });
  const view = await read();
  expect(part(view, 'agents')).toMatchObject({ state: 'warning', summary: '0 online, 1 offline.' });
  expect(part(view, 'recordings').facts).toContainEqual({
    name: 'Kept',
    value: '1 connection: 30 days or longer',
    kind: 'text',
  });
});

test('a sweep says when it ran and what it found; one that is late or fails says so', async () => {
  const round = async (name: string, found: number | object) => reportSweep(api.core, name, found, 12);
  await round('rows', { started: 2, signalled: 0, expired: 1 });
  await round('rows', { started: 0, signalled: 0, expired: 0 });
  await round('closed', 0);
  await round('running', 0);
  await round('recordings', { sessions: 0, rows: 0 });
  const fine = part(await read(), 'sweep');
  expect(fine).toMatchObject({ state: 'ok' });
  expect(fine.things[0]?.facts).toContainEqual({ name: 'Found then', value: '1 expired, 2 started', kind: 'text' });

  await reportSweepFailure(api.core, 'closed', new Error('Temporal is away\nand more'));
  expect(part(await read(), 'sweep')).toMatchObject({ state: 'warning', advice: [healthAdvice.sweep_failed] });
  await api.db.query(`update sweep_reports set ended_at = now() - interval '5 minutes' where name = 'rows'`);
  const late = part(await read(), 'sweep');
  expect(late).toMatchObject({
    state: 'bad',
    summary: 'Late.',
    advice: [healthAdvice.sweep_late, healthAdvice.sweep_failed],
  });
});

test('a broken audit log is named until it is verified as whole again', async () => {
  expect(part(await read(), 'audit').summary).toBe('Nobody has verified it yet.');
  await admin.get('/api/audit/verify');
  expect(part(await read(), 'audit')).toMatchObject({ state: 'ok' });
  await api.db.query('alter table audit_log disable trigger audit_append_only');
  await api.db.query("update audit_log set actor = 'user:eve@example.com' where id = 2");
  await admin.get('/api/audit/verify');
  const broken = part(await read(), 'audit');
  expect(broken).toMatchObject({ state: 'bad', advice: [healthAdvice.audit_broken] });
  expect(broken.summary).toMatch(/^Broken at row 2\. What it says is not what was written/);
});

test('a Temporal that takes calls and never answers is named, and holds up nothing else', async () => {
  const silent: Server = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  // without the retries of the client, which go on after the deadline
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const connection = Connection.lazy({ address, interceptors: [] });
  const core = { ...api.core, temporal: new Client({ connection }) };
  // a busy machine may be as slow with the rest
  await eventuallyPasses(async () => {
    const view = await readHealth({ core, actor: { kind: 'system', name: 'test' } }, { version: '1', withinMs: 500 });
    expect(part(view, 'temporal')).toMatchObject({
      state: 'bad',
      summary: expect.stringMatching(/^Does not answer/),
      advice: [healthAdvice.temporal_away],
    });
    expect(part(view, 'postgres').state).toBe('ok');
    expect(part(view, 'workers').summary).toContain('workers run');
  });
  await connection.close();
  silent.close();
});

test('what to do stands in the documentation in the same words', async () => {
  const text = await readFile(fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), 'utf8');
  const plain = text.replaceAll(/[`\s]+/g, ' ');
  expect(Object.values(healthAdvice).filter((advice) => !plain.includes(advice))).toEqual([]);
});
