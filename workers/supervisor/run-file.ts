import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Where the running hoop can be reached: `$HOOP_HOME/run.json`, there from ready to the end. */
export interface RunFile {
  pid: number;
  apiUrl: string;
  temporalAddress: string;
  temporalUiUrl?: string;
  databaseUrl: string;
  sandboxUrl?: string;
}

export async function writeRunFile(path: string, run: RunFile): Promise<void> {
  await writeFile(`${path}.tmp`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

export async function readRunFile(path: string): Promise<RunFile | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

export async function removeRunFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
