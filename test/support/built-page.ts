import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BuiltPage {
  folder: string;
  remove: () => Promise<void>;
}

/** A page as it is served, built from the present source into a folder of its own. */
export async function buildPage(config: 'vite.web.config.ts' | 'vite.sandbox.config.ts'): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), 'hoop-page-'));
  // The test runner's NODE_ENV would give a development build.
  const { NODE_ENV: _, ...env } = process.env;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--config', config, '--outDir', folder, '--logLevel', 'warn'];
  await promisify(execFile)(process.execPath, args, { cwd: root, env });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
