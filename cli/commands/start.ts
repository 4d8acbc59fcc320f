import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CommandCall } from '../definitions/define.ts';

/**
 * Runs one part in the foreground, or all of them. They are programs of their own beside this one in dist/: loaded
 * only here, by address, so that the rest of the CLI carries nothing of them.
 */
export async function startCommand({ args: [part] }: CommandCall<object>): Promise<number> {
  if (part === undefined) {
    const { runSupervisor } = (await import(programUrl('supervisor'))) as { runSupervisor: () => Promise<number> };
    return runSupervisor();
  }
  await import(programUrl(part));
  // The part ends the process itself, when a signal asks it to.
  return new Promise(() => undefined);
}

function programUrl(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  // Commands are chunks in dist/cli/, the programs lie above them.
  const dist = basename(here) === 'cli' ? dirname(here) : here;
  return pathToFileURL(join(dist, `${name}.js`)).href;
}
