/** Whether a command's program is there, asked before something else is started in its place. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command } from '../runner-protocol.ts';
import { StartFailure } from './command-process.ts';

/** Throws `StartFailure`. */
export function findProgram({ argv, env, cwd }: Command): void {
  const name = argv[0] ?? '';
  const folders = name.includes('/') ? [cwd] : (env.PATH ?? '/usr/bin:/bin').split(delimiter);
  const paths = folders.map((folder) => (name.startsWith('/') ? name : join(folder || cwd, name)));
  const found = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  if (name === '' || found.length === 0) throw new StartFailure('not found', 127);
  if (!found.some(isExecutable)) throw new StartFailure('EACCES: it is not executable', 126);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
