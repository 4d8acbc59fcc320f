/** The `hoop` command as it ships, against a gateway of the test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { FakeApi, token } from './fake-api.ts';
import { distFile, startProcess, type ProcessEnd, type RunningProcess } from './processes.ts';
import { openTerminal, type Terminal } from './pty.ts';

export interface HoopCli {
  api: FakeApi;
  home: string;
  /** Starts `hoop` with an open standard input. */
  start(args: string[], env?: Record<string, string>): Promise<RunningProcess>;
  /** Runs `hoop` to its end. */
  run(args: string[], options?: { input?: string | Buffer; env?: Record<string, string> }): Promise<ProcessEnd>;
  /** Runs `hoop` on a terminal of its own; `redirect`: what a shell takes elsewhere, as `> file`. */
  onTerminal(args: string[], env?: Record<string, string>, redirect?: string): Promise<Terminal>;
}

export interface HoopCliOptions {
  signedIn?: boolean;
}

/** A gateway and a home, both gone after the test; the gateway's answers must all have kept to their schemas. */
export async function hoopCli({ signedIn = true }: HoopCliOptions = {}): Promise<HoopCli> {
  const program = await distFile('hoop.js');
  const api = await new FakeApi().listen();
  const home = await mkdtemp(join(tmpdir(), 'hoop-cli-'));
  const running = new Set<RunningProcess>();
  onTestFinished(async () => {
    await Promise.all([...running].map((process) => process.kill()));
    await api.close().catch(() => undefined);
    await rm(home, { recursive: true, force: true });
    expect(api.problems).toEqual([]);
  });
  const config = { apiUrl: api.url, ...(signedIn ? { token, email: 'dana@example.com' } : {}) };
  await writeFile(join(home, 'config.json'), JSON.stringify(config), { mode: 0o600 });

  const environment = (env: Record<string, string> = {}) => ({
    PATH: process.env['PATH'] ?? '',
    HOOP_HOME: home,
    TZ: 'UTC',
    ...env,
  });
  const start: HoopCli['start'] = async (args, env) => {
    const hoop = startProcess(process.execPath, [program, ...args], { env: environment(env) });
    running.add(hoop);
    void hoop.ended.finally(() => running.delete(hoop));
    return hoop;
  };
  const run: HoopCli['run'] = async (args, { input = '', env } = {}) => {
    const hoop = await start(args, env);
    hoop.child.stdin.end(input);
    return hoop.ended;
  };
  const onTerminal: HoopCli['onTerminal'] = async (args, env, redirect) =>
    redirect === undefined
      ? openTerminal(process.execPath, [program, ...args], environment(env))
      : openTerminal('sh', ['-c', `exec "$@" ${redirect}`, 'sh', process.execPath, program, ...args], environment(env));
  return { api, home, start, run, onTerminal };
}
