import { closeSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyPostgres, findPostgresPackage, hasItsLinks } from '#workers/supervisor/postgres/binaries.ts';
import { preparePlace, removePostgresData } from '#workers/supervisor/postgres/place.ts';
import { startPostgres, type PostgresServer } from '#workers/supervisor/postgres/server.ts';
import { choosePort } from '#workers/supervisor/ports.ts';
import { runProcess } from '../support/processes.ts';

describe('embedded PostgreSQL', () => {
  let closed = '';
  let home = '';
  let log = 0;
  let server: PostgresServer | undefined;

  beforeAll(async () => {
    // As root this is the case that matters: nobody else gets into the home.
    closed = await mkdtemp(join(tmpdir(), 'hoop-closed-'));
    await chmod(closed, 0o700);
    home = join(closed, 'home');
    await mkdir(home, { mode: 0o700 });
    log = openSync(join(closed, 'postgres.log'), 'a');
  });

  afterAll(async () => {
    await server?.stop();
    await removePostgresData(home);
    closeSync(log);
    await rm(closed, { recursive: true });
  });

  async function start(): Promise<PostgresServer> {
    server = await startPostgres({
      place: await preparePlace(home),
      port: await choosePort('PostgreSQL', 'HOOP_POSTGRES_PORT', 0),
      password: 'right',
      log,
      initdbFlags: ['--no-sync'],
      env: { HOOP_TEST_RUN: process.env.HOOP_TEST_RUN ?? '' },
    });
    return server;
  }

  async function query(url: string, sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows as unknown[];
    } finally {
      await client.end();
    }
  }

  it('runs from a home that is closed to other users, and never as root', async () => {
    const { url, child } = await start();
    expect(await query(url, 'SELECT current_database() AS name')).toEqual([{ name: 'hoop' }]);
    const owner = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    expect(owner).not.toBe('0');
  });

  it('listens on loopback only, without a socket file, and asks for the password', async () => {
    const { url } = server ?? (await start());
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    await expect(query(url.replace('right', 'wrong'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps its data to itself', async () => {
    const { data, user } = await preparePlace(home);
    const { mode, uid } = await stat(data);
    expect([mode & 0o077, uid]).toEqual([0, user?.uid ?? process.getuid?.()]);
  });

  it('recovers what was committed when it was killed, and ends the server that was left', async () => {
    const { url, child } = server ?? (await start());
    await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)');
    // Not the first server but the supervisor is gone here: its server still runs and holds the folder.
    const second = await start();
    expect(child.exitCode === null && child.signalCode === null).toBe(false);
    process.kill(second.child.pid ?? 0, 'SIGKILL');
    const third = await start();
    expect(await query(third.url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  });

  it('starts fresh in an emptied home', async () => {
    await server?.stop();
    await removePostgresData(home);
    await rm(home, { recursive: true });
    await mkdir(home, { mode: 0o700 });
    const { url } = await start();
    expect(await query(url, "SELECT to_regclass('kept') AS kept")).toEqual([{ kept: null }]);
  });

  it('runs from a package whose install script was blocked', async () => {
    const { native } = findPostgresPackage();
    const bare = join(closed, 'package/native');
    // What npm unpacks: the files, without the links.
    await runProcess('sh', ['-c', `mkdir -p ${bare} && cp -r ${native}/. ${bare}/ && find ${bare} -type l -delete`]);
    expect(hasItsLinks(bare)).toBe(false);
    await copyPostgres(bare, join(closed, 'copy'));
    const { stdout, stderr } = await runProcess(join(closed, 'copy/bin/postgres'), ['--version']);
    expect(stderr).toBe('');
    expect(stdout.toString()).toMatch(/^postgres \(PostgreSQL\) \d+/);
  });
});

describe('choosing a port', () => {
  it('refuses a taken one by the name of its variable, and never moves to another', async () => {
    const { createServer } = await import('node:net');
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const port = (taken.address() as { port: number }).port;
    const attempt = choosePort('PostgreSQL', 'HOOP_POSTGRES_PORT', port);
    await expect(attempt).rejects.toMatchObject({ code: 'port_taken' });
    await expect(attempt).rejects.toThrow(`Port ${port} on 127.0.0.1, meant for PostgreSQL, is in use`);
    await expect(attempt).rejects.toThrow('choose another with HOOP_POSTGRES_PORT (0 takes any free port)');
    taken.close();
  });

  it('takes a free one for 0', async () => {
    expect(await choosePort('PostgreSQL', 'HOOP_POSTGRES_PORT', 0)).toBeGreaterThan(1023);
  });
});
