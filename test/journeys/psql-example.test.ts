import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distFile } from '../support/processes.ts';
import { startStack, type Stack } from '../support/stack.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const secret = 'never-in-a-command-line-7266';
let hoop: Stack;
let folder: string;

/**
 * The real psql where the machine has one. Where it has none, this client of the same protocol stands in its place: it
 * takes host, user and password from the same environment, and SQL from standard input, so that all of the way is the
 * same but the last program. No package of the registry brings a psql that is kept up to date.
 */
const standIn = `#!/usr/bin/env node
const { createRequire } = require('node:module');
const pg = createRequire(${JSON.stringify(join(repository, 'package.json'))})('pg');
(async () => {
  const client = new pg.Client();
  await client.connect();
  const sql = require('node:fs').readFileSync(0, 'utf8');
  for (const statement of sql.split(';').map((s) => s.trim()).filter(Boolean)) {
    const { rows } = await client.query(statement);
    for (const row of rows) console.log(Object.values(row).join(','));
  }
  await client.end();
})().catch((error) => { console.error('ERROR:  ' + error.message); process.exit(3); });
`;

beforeAll(async () => {
  hoop = await startStack();
  folder = mkdtempSync(join(tmpdir(), 'hoop-psql-'));
  const database = new pg.Client({ connectionString: hoop.databaseUrl });
  await database.connect();
  await database.query(`create role example_reader login password '${secret}'`);
  await database.query('create table example_orders as select generate_series(1, 42) as id');
  await database.query('grant select on example_orders to example_reader');
  await database.end();
  writeFileSync(join(folder, 'password'), `${secret}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'hoop'), `#!/bin/sh\nexec '${process.execPath}' '${await distFile('hoop.js')}' "$@"\n`);
  writeFileSync(join(folder, 'psql'), standIn);
  for (const name of ['hoop', 'psql']) chmodSync(join(folder, name), 0o755);
  const { hostname, port, pathname } = new URL(hoop.databaseUrl);
  const hasPsql = spawnSync('psql', ['--version']).status === 0;
  execFileSync('sh', [join(repository, 'examples/psql/create.sh')], {
    env: {
      PATH: [folder, process.env['PATH']].join(delimiter),
      HOOP_HOME: hoop.home,
      HOOP_API_URL: hoop.apiUrl,
      HOOP_TOKEN: hoop.adminToken,
      REVIEWERS: '',
      PGHOST: hostname,
      PGPORT: port,
      PGDATABASE: pathname.slice(1),
      PGUSER: 'example_reader',
      PGPASSWORD_FILE: join(folder, 'password'),
      ...(!hasPsql && { PSQL: join(folder, 'psql') }),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}, 180_000);
afterAll(async () => {
  const database = new pg.Client({ connectionString: hoop.databaseUrl });
  await database.connect();
  await database.query('drop owned by example_reader');
  await database.query('drop role example_reader');
  await database.end();
  await hoop?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('SQL on standard input runs with a sealed password that stands in no command line', async () => {
  const gate = new pg.Client({ connectionString: hoop.databaseUrl });
  await gate.connect();
  await gate.query('select pg_advisory_lock(7266)');
  const sql = "select 'begun'; select pg_advisory_lock(7266); select count(*) from example_orders";
  const run = hoop.hoop(['exec', 'db', '-i', `${sql};`]);
  await run.waitForOutput(/begun/);
  const processes = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' });
  await gate.end();
  expect(processes).toMatch(/psql.*ON_ERROR_STOP=1/);
  expect(processes).not.toContain(secret);
  const end = await run.ended;
  expect(end).toMatchObject({ code: 0 });
  expect(end.stdout.toString()).toMatch(/42/);
});

test('an error of the database is the end of the script, and its status is that of psql', async () => {
  const end = await hoop.hoop(['exec', 'db', '-i', 'drop table example_orders; select 1 as never;']).ended;
  expect(end.code).toBe(3);
  expect(end.stderr).toMatch(/must be owner of table example_orders/);
  expect(end.stdout.toString()).not.toContain('never');
});

test('nobody is shown the password, whoever asks for the connection', async () => {
  const shown = (await hoop.hoop(['admin', 'get', 'conn', 'db', '-o', 'json']).ended).stdout.toString();
  expect(shown).toContain('PGPASSWORD');
  expect(shown).not.toContain(secret);
});
