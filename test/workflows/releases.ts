/** What `npm run record-release` has kept of each release: its workflows as they shipped, and histories they wrote. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('../histories/', import.meta.url));
/** Stories of the workflow tests; a recording with fewer broke off. */
export const fewestHistories = 14;

/** Oldest first. */
export async function listReleases(): Promise<string[]> {
  const names = await readdir(folder);
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export async function releaseBundle(release: string): Promise<string> {
  return gunzipSync(await readFile(join(folder, release, 'workflow-bundle.js.gz'))).toString('utf8');
}

export async function historiesOf(release: string): Promise<{ workflowId: string; history: unknown }[]> {
  const files = (await readdir(join(folder, release))).filter((file) => file.endsWith('.json'));
  return Promise.all(
    files.map(async (file) => ({
      workflowId: file,
      history: JSON.parse(await readFile(join(folder, release, file), 'utf8')) as unknown,
    })),
  );
}
