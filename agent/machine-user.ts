/**
 * Users of this machine, as its own commands tell them: they know of directories (LDAP) too. Where they are missing,
 * as in a small image, the files are read.
 */
import { execFile } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { HoopError } from '#shared/errors.ts';
import { errorText, isErrno, readFileIfThere } from './files.ts';

export interface MachineUser {
  name: string;
  uid: number;
  gid: number;
  /** All of them, the first is `gid`. */
  groups: number[];
  home: string;
}

const run = promisify(execFile);
const lookUpMs = 10_000;

/** Throws `HoopError` (`agent_refused`) when there is no such user, or this agent cannot run commands as them. */
export async function userToRunAs(name: string): Promise<MachineUser> {
  const user = await lookUp(name).catch((error: unknown) => {
    throw refusal(`User ${name} could not be looked up on ${hostname()}: ${errorText(error)}`);
  });
  if (user === undefined) {
    throw refusal(`There is no user ${name} on ${hostname()}; make one there, or change --run-as of the connection`);
  }
  const { uid, username } = userInfo();
  if (uid !== 0 && uid !== user.uid) {
    throw refusal(
      `The connection runs commands as user ${name}, and the agent itself runs as ${username}. Run the agent as root or as ${name}, or take --run-as off the connection`,
    );
  }
  return user;
}

async function lookUp(name: string): Promise<MachineUser | undefined> {
  const entry = await passwdEntry(name);
  const [, , uid, gid, , home = '/'] = entry?.split(':') ?? [];
  if (uid === undefined || gid === undefined || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  const others = (await groupsOf(name)).filter((group) => group !== Number(gid));
  return { name, uid: Number(uid), gid: Number(gid), groups: [Number(gid), ...others], home };
}

/** The user's line as in `/etc/passwd`. */
async function passwdEntry(name: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('getent', ['passwd', name], { timeout: lookUpMs });
    return stdout.split('\n').find((line) => line.startsWith(`${name}:`));
  } catch (error) {
    if (exitStatus(error) === 2) return undefined; // it knows of nobody by that name
    if (!isErrno(error, 'ENOENT')) throw error;
    return readFileIfThere('/etc/passwd')
      ?.split('\n')
      .find((line) => line.startsWith(`${name}:`));
  }
}

async function groupsOf(name: string): Promise<number[]> {
  try {
    const { stdout } = await run('id', ['-G', name], { timeout: lookUpMs });
    return stdout.trim().split(/\s+/).map(Number);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    const lines = (readFileIfThere('/etc/group') ?? '').split('\n').map((line) => line.split(':'));
    return lines.filter(([, , , members]) => members?.split(',').includes(name)).map(([, , gid]) => Number(gid));
  }
}

function exitStatus(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

const refusal = (why: string): HoopError => new HoopError('agent_refused', `${why}.`);
