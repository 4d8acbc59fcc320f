import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removePostgresData } from '#workers/supervisor/postgres/place.ts';
import { isRunning, type ProcessIdentity } from '#workers/supervisor/process-identity.ts';
import type { RunFile } from '#workers/supervisor/run-file.ts';
import { eventually } from '../support/eventually.ts';
import { distFile, runProcess, startProcess, type ProcessEnd, type RunningProcess } from '../support/processes.ts';
import { findTagged } from '../support/leftovers.ts';

const startLimitMs = 120_000;

/** One home through its life: the tests follow each other as a user's days do. */
describe('hoop start', () => {
  let folder = '';
  let home = '';
  let hoop = '';
  let running: RunningProcess | undefined;

  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    ...process.env,
    HOOP_HOME: home,
    HOOP_LISTEN: '127.0.0.1:0',
    HOOP_POSTGRES_PORT: '0',
    HOOP_TEMPORAL_PORT: '0',
    HOOP_TEMPORAL_UI_PORT: '0',
    HOOP_SANDBOX_PORT: '0',
    ...more,
  });
  const command = (...args: string[]): Promise<ProcessEnd> =>
    runProcess(process.execPath, [hoop, ...args], { env: environment() });
  const readRun = () => JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as RunFile;
  const readProcesses = () =>
    JSON.parse(readFileSync(join(home, 'processes.json'), 'utf8')) as Record<string, ProcessIdentity>;

  async function start(): Promise<RunFile> {
    running = startProcess(process.execPath, [hoop, 'start'], { env: environment() });
    await Promise.race([running.waitForOutput(/hoop is ready[^]*Ctrl-C here stops/, startLimitMs), running.ended]);
    expect(running.stdout().toString()).toContain('hoop is ready');
    return readRun();
  }

  /** SIGKILL for everything of this home at once: no part gets to say a word. */
  async function killTree(): Promise<void> {
    const pids = Object.values(readProcesses()).map(({ pid }) => pid);
    const own = findTagged(process.env.HOOP_TEST_RUN ?? '').filter(({ pid }) => environmentOf(pid).includes(home));
    for (const pid of [running?.pid ?? 0, ...pids, ...own.map(({ pid }) => pid)]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went with its parent.
      }
    }
    await running?.ended;
  }

  beforeAll(async () => {
    // 0700: as root this is a home that PostgreSQL's own user cannot enter.
    folder = await mkdtemp(join(tmpdir(), 'hoop-start-'));
    home = join(folder, 'home');
    hoop = await distFile('hoop.js');
  }, 180_000);

  afterAll(async () => {
    await running?.stop();
    await removePostgresData(home);
    await rm(folder, { recursive: true });
  });

  it('comes up from an empty home and shows where everything is', { timeout: 180_000 }, async () => {
    const run = await start();
    expect(run).toEqual({
      pid: running?.pid,
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      temporalAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      temporalUiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      databaseUrl: expect.stringMatching(/^postgres:\/\//),
      sandboxUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    const screen = running?.stdout().toString() ?? '';
    for (const shown of [run.apiUrl, run.temporalUiUrl, run.sandboxUrl, "exec bash -i 'ls'", 'admin-password']) {
      expect(screen).toContain(shown);
    }
    expect(screen).not.toContain(readFileSync(join(home, 'admin-password'), 'utf8').trim());
    expect(screen.split('\n').length).toBeLessThan(30);
  });

  it('answers on every address it shows', async () => {
    const { apiUrl, temporalUiUrl, sandboxUrl } = readRun();
    const answers = await Promise.all(
      [`${apiUrl}/readyz`, apiUrl, `${temporalUiUrl}`, `${sandboxUrl}`].map((url) => fetch(url)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('keeps its secrets to its user', () => {
    for (const name of [
      'run.json',
      'admin-password',
      'agent-token',
      'secret-key',
      'postgres-password',
      'config.json',
    ]) {
      expect([name, statSync(join(home, name)).mode & 0o077]).toEqual([name, 0]);
    }
  });

  it('has signed the local CLI in as the admin', async () => {
    const { code, stdout } = await command('whoami');
    expect([code, stdout.toString()]).toEqual([0, expect.stringContaining('admin@localhost')]);
  });

  it('refuses a second start on the same home', async () => {
    const { code, stdout } = await command('start');
    expect(code).not.toBe(0);
    expect(stdout.toString()).toContain(`one is running on ${home} already (process ${running?.pid})`);
  });

  it('starts a part again that died', { timeout: 180_000 }, async () => {
    const before = readProcesses().worker;
    process.kill(before?.pid ?? 0, 'SIGKILL');
    await running?.waitForOutput(/The worker ended \(SIGKILL\); starting it again/);
    await running?.waitForOutput(/The worker is up again/, 90_000);
    expect(readProcesses().worker?.pid).not.toBe(before?.pid);
  });

  it('comes up after SIGKILL of the whole tree with what was pending still pending', { timeout: 240_000 }, async () => {
    const asked = await command('exec', 'bash', '--detach', '-i', 'echo kept');
    expect([asked.code, asked.stderr]).toEqual([0, expect.any(String)]);
    const id = asked.stdout.toString().trim();
    await killTree();
    await start();
    const shown = await command('sessions', 'show', id, '-o', 'json');
    expect(JSON.parse(shown.stdout.toString())).toMatchObject({ id, state: 'pending' });
  });

  it('stops everything in order, and leaves no run file', { timeout: 120_000 }, async () => {
    const processes = Object.values(readProcesses());
    const end = await running?.stop();
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(processes.filter(isRunning)).toEqual([]);
    expect(() => readRun()).toThrow('ENOENT');
  });

  it('names the variable of a port that is taken, and starts nothing', { timeout: 120_000 }, async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const env = environment({ HOOP_TEMPORAL_PORT: String(port) });
    const { code, stdout } = await runProcess(process.execPath, [hoop, 'start'], { env });
    taken.close();
    expect(code).toBe(1);
    expect(stdout.toString()).toContain(`Port ${port} on 127.0.0.1, meant for Temporal, is in use`);
    expect(stdout.toString()).toContain('HOOP_TEMPORAL_PORT');
  });

  it('goes in order when it is stopped in the middle of its start', { timeout: 180_000 }, async () => {
    running = startProcess(process.execPath, [hoop, 'start'], { env: environment() });
    await eventually(() => readProcesses().temporal, { describe: 'Temporal is starting' });
    const end = await running.stop();
    expect(end).toMatchObject({ code: 130 });
    expect(end.stdout.toString()).toContain('hoop has stopped.');
  });
});

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
