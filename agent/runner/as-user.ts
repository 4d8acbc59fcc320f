/**
 * A command that runs as another user than the runner, which is root then. It has that user's groups and none of
 * root's: Node gives up all supplementary groups when it changes the user (libuv calls `setgroups(0)`) and can give a
 * child none, so a user who is in several gets them from `setpriv` (util-linux).
 */
import { accessSync, constants, fchownSync, statSync } from 'node:fs';
import type { Command } from '../runner-protocol.ts';
import { findProgram } from './find-program.ts';

const setprivPlaces = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv', '/sbin/setpriv'];

export interface SpawnedAs {
  argv: string[];
  /** Options of `spawn`. */
  identity: { uid?: number; gid?: number; env: Record<string, string> };
}

/**
 * What loaders, C libraries (glibc, musl) and setpriv itself read: what glibc leaves out for programs with more rights
 * than who calls them (its unsecvars.h), and language and time zone. Not all of the environment is set behind setpriv:
 * arguments are shown to everybody on the machine, and the environment holds secrets of connections.
 */
const readByLoader =
  /^(LD_|DYLD_|GLIBC_|MUSL_|MALLOC_|LIBC_|GCONV_PATH$|GETCONF_DIR$|LOCPATH$|NLSPATH$|LANG$|LANGUAGE$|LC_|CHARSET$|OUTPUT_CHARSET$|TEXTDOMAIN|TZ$|TZDIR$|HOSTALIASES$|LOCALDOMAIN$|NIS_PATH$|RES_OPTIONS$|RESOLV_HOST_CONF$|TMPDIR$|CAPNG_|UL_)/;

/**
 * How to spawn `argv`, the command's own or one around it. Throws when the groups of the user cannot be given, and
 * `StartFailure` when the command is no program.
 */
export function spawnedAsUser(command: Command, argv = command.argv): SpawnedAs {
  const { user, env } = command;
  if (user === undefined) return { argv, identity: { env } };
  const { uid, gid, groups } = user;
  if (groups.every((group) => group === gid)) return { argv, identity: { uid, gid, env } };
  const setpriv = setprivPlaces.find(isProgram);
  if (setpriv === undefined) {
    throw new Error(
      "its user is in more than one group, and giving them to it takes setpriv (of util-linux), which the agent's machine does not have",
    );
  }
  findProgram(command); // setpriv would start all the same, and say it in the output only
  const identity = ['--reuid', `${uid}`, '--regid', `${gid}`, '--groups', groups.join(',')];
  // setpriv itself is root still: what would have it load other code is set behind it
  const settings = Object.entries(env);
  const late = settings.filter(([name]) => readByLoader.test(name)).map(([name, value]) => `${name}=${value}`);
  const early = settings.filter(([name]) => !readByLoader.test(name));
  return {
    argv: [setpriv, ...identity, '--', ...(late.length > 0 ? ['/usr/bin/env', ...late] : []), ...argv],
    identity: { env: Object.fromEntries(early) },
  };
}

/** Pipes and files can be opened again by name (`/dev/stdin`, `/dev/stderr`) by whom they belong to. */
export function giveTo({ user }: Command, files: number[]): void {
  if (user !== undefined) files.forEach((file) => fchownSync(file, user.uid, user.gid));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
