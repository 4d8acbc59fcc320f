import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { endProcess, identify, isRunning, type ProcessIdentity } from '#workers/supervisor/process-identity.ts';
import { removePostgresData } from '#workers/supervisor/postgres/place.ts';

export interface RunFolder {
  path: string;
  /** Remembers a server, so that the next run can end it should this one be killed. */
  remember(process: ProcessIdentity): void;
  remove(): Promise<void>;
}

interface RunRecord {
  owner: ProcessIdentity;
  servers: ProcessIdentity[];
}

const parent = join(tmpdir(), `hoop-test-${userInfo().uid}`);

/** The folder of this run's servers. Runs that were killed are cleaned up first. */
export async function openRunFolder(): Promise<RunFolder> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await removeDeadRuns();
  const owner = identify(process.pid);
  if (!owner) throw new Error('the start time of this very process cannot be read');
  const path = join(parent, `${process.pid}-${Date.now()}`);
  await mkdir(path, { mode: 0o700 });
  const record: RunRecord = { owner, servers: [] };
  let saved = Promise.resolve();
  const save = () => (saved = saved.then(() => writeFile(join(path, 'run.json'), JSON.stringify(record))));
  await save();
  return {
    path,
    remember: (server) => {
      record.servers.push(server);
      void save();
    },
    remove: async () => {
      await saved;
      await removeRun(path);
    },
  };
}

async function removeDeadRuns(): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const record = await readRecord(path);
    if (!record || isRunning(record.owner)) continue;
    await Promise.all(record.servers.map((server) => endProcess(server, 'SIGKILL', 2_000)));
    await removeRun(path);
  }
}

async function readRecord(path: string): Promise<RunRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(path, 'run.json'), 'utf8')) as RunRecord;
  } catch {
    return undefined; // Another run is just making it.
  }
}

async function removeRun(path: string): Promise<void> {
  await removePostgresData(path);
  await rm(path, { recursive: true, force: true });
}
