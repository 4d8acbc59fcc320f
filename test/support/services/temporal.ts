import { openSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { choosePort } from '#workers/supervisor/ports.ts';
import { askForNamespace, startTemporal } from '#workers/supervisor/temporal/dev-server.ts';
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

/**
 * Development servers, in memory: each file uses task queues of its own, and so many files share a server. A server that
 * has served for long may break for good: a query that is cut off leaves its one SQLite connection `interrupted`.
 */
const filesAServer = 8;

/** Gives each caller a server that answers, a new one when the last has served enough files or answers no more. */
export function testTemporals(
  folder: RunFolder,
  onStop: (stop: () => Promise<void>) => void,
): () => Promise<TestTemporal> {
  let current: Promise<TestTemporal> | undefined;
  let served = 0;

  const fresh = (): Promise<TestTemporal> => {
    served = 0;
    return startTestTemporal(folder, onStop);
  };
  const give = async (): Promise<TestTemporal> => {
    // one that did not come up is told to whoever asked for it; who asks next gets another
    const server = await current?.catch(() => undefined);
    const isGood = server !== undefined && served < filesAServer && (await answers(server.address));
    if (!isGood) current = fresh();
    served += 1;
    return current as Promise<TestTemporal>;
  };
  // One after the other, so that those who ask together do not start a server each.
  let turn: Promise<unknown> = Promise.resolve();
  return () => {
    const mine = turn.then(give);
    turn = mine.catch(() => undefined);
    return mine;
  };
}

async function answers(address: string): Promise<boolean> {
  return (await askForNamespace(address)) === undefined;
}

async function startTestTemporal(
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
