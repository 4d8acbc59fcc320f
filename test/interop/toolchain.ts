import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '#test/support/processes.ts';

/** How a client's program is started. */
export interface Program {
  command: string;
  args: string[];
}

export const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/interop', import.meta.url));

/**
 * Runs a tool of another language quietly; what it prints is shown when it fails.
 * @param hint what to install when the tool is not there
 */
export async function tool(command: string, args: string[], hint: string, cwd = here): Promise<string> {
  const end = await runProcess(command, args, { cwd }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Error(`There is no ${command} on PATH. ${hint}`);
    throw error;
  });
  if (end.code === 0) return `${end.stdout}${end.stderr}`;
  throw new Error(
    `${command} ${args.join(' ')} ended with ${end.code ?? end.signal}. ${hint}\n${end.stdout}${end.stderr}`,
  );
}

/**
 * A folder of what was installed or built, kept between runs for as long as `ingredients` (contents of files, versions
 * of tools) stay the same. One that was not finished is made anew.
 */
export async function kept(
  name: string,
  ingredients: string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, name);
  const stamp = join(folder, 'made-of');
  const madeOf = createHash('sha256').update(JSON.stringify(ingredients)).digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === madeOf) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await make(folder);
  await writeFile(stamp, madeOf);
  return folder;
}
