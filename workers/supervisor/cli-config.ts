import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * Keeps the local CLI's configuration on this hoop when its address changed (HOOP_LISTEN with port 0, say). One that
 * points anywhere else, since somebody signed in there, stays as it is.
 */
export async function followAddress(configFile: string, addressFile: string, apiUrl: string): Promise<void> {
  const before = (await readFile(addressFile, 'utf8').catch(() => '')).trim();
  if (before === apiUrl) return;
  const config = await readJson(configFile);
  if (config && before !== '' && config.apiUrl === before) {
    await replace(configFile, `${JSON.stringify({ ...config, apiUrl }, null, 2)}\n`);
  }
  await replace(addressFile, `${apiUrl}\n`);
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return undefined; // Signed out, or a file that the CLI itself will complain about.
  }
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}
