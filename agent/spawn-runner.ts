/** Starts a runner that outlives this process. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';
import type { AgentHome } from './home.ts';
import { runnerFileSchema, type RunnerFile } from './runner-protocol.ts';

const readySchema = z.object({ type: z.literal('ready'), runner: runnerFileSchema });
const maxLogBytes = 4 * 1024 * 1024;

export interface SpawnRunnerOptions {
  /** The runner's bundle. */
  script: string;
  home: AgentHome;
  path: string;
}

/** Resolves once the runner listens. Its session and process group are its own; its words go to `runner.log`. */
export function spawnRunner({ script, home, path }: SpawnRunnerOptions): Promise<RunnerFile> {
  const log = openSync(home.runnerLog, isLong(home.runnerLog) ? 'w' : 'a', 0o600);
  const child = spawn(process.execPath, [script, home.directory], {
    cwd: '/',
    env: { PATH: path },
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    const fail = (what: string) =>
      reject(new HoopError('start_failed', `The runner could not be started (${what}); see ${home.runnerLog}.`));
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? code}`));
    child.once('message', (message) => {
      child.disconnect();
      child.unref();
      const ready = readySchema.safeParse(message);
      if (ready.success) resolve(ready.data.runner);
      else fail('it is of another release');
    });
  });
}

function isLong(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes;
}
