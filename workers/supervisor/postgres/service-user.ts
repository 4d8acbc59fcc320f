import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { HoopError } from '#shared/errors.ts';

export interface ServiceUser {
  name: string;
  uid: number;
  gid: number;
}

const ownName = 'hoop-postgres';

/** The user PostgreSQL runs as when hoop runs as root: the system's `postgres`, else one made for it. */
export function findOrCreateServiceUser(): ServiceUser {
  const present = findUser('postgres') ?? findUser(ownName);
  if (present) return present;
  createUser();
  const made = findUser(ownName);
  if (made) return made;
  throw new HoopError(
    'start_failed',
    `PostgreSQL does not run as root, and no user could be made for it. Make one (useradd --system ${ownName}), ` +
      'start hoop as an ordinary user, or set DATABASE_URL.',
  );
}

function findUser(name: string): ServiceUser | undefined {
  // Users may also live in a directory service, which only getent asks.
  const line = run('getent', ['passwd', name]) ?? readFileSync('/etc/passwd', 'utf8');
  const fields = line
    .split('\n')
    .map((row) => row.split(':'))
    .find(([found]) => found === name);
  if (!fields) return undefined;
  return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
}

function createUser(): void {
  const made = run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', ownName]);
  // BusyBox has adduser in place of useradd.
  if (made === undefined) run('adduser', ['-S', '-D', '-H', '-s', '/bin/false', ownName]);
}

function run(command: string, args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
