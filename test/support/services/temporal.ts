import { openSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '#workers/supervisor/ports.ts';
import { startTemporal } from '#workers/supervisor/temporal/dev-server.ts';
import { findTemporal } from '#workers/supervisor/temporal/find-temporal.ts';
import type { RunFolder } from './run-folder.ts';

export interface TestTemporal {
  address: string;
}

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hoop');

/** The program of the development server; fetched or built when this machine has none yet, which takes minutes. */
export function findTestTemporal(): Promise<string> {
  return findTemporal({ env: process.env, cacheFolder, say: (line) => console.log(line) });
}

/** One development server, in memory, for all test files: each uses task queues of its own. */
export async function startTestTemporal(
  folder: RunFolder,
  onStop: (stop: () => Promise<void>) => void,
): Promise<TestTemporal> {
  const server = await startTemporal({
    program: await findTestTemporal(),
    port: await choosePort('Temporal', 'HOOP_TEMPORAL_PORT', 0),
    log: openSync(join(folder.path, 'temporal.log'), 'a'),
    env: process.env,
    onSpawn: folder.remember,
  });
  onStop(server.stop);
  return { address: server.address };
}
