/** An SSH server of the bench's own, on a free port of the loopback, with keys made for it: the baseline of streams. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '#test/support/eventually.ts';
import type { OnStop } from '../lib/stage.ts';

export interface Ssh {
  /** Arguments of `ssh` to run `script` with the shell of whoever runs the bench. */
  args(script: string, options?: { terminal?: boolean }): string[];
  /** As the client names them. */
  cipher: string;
}

const run = promisify(execFile);
/** Where systems keep it, outside the PATH of people. */
const systemPaths = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/sbin'];

/** A sentence in place of it where there is none, or none that lets its user in. */
export async function startSshd(onStop: OnStop, program: string | undefined): Promise<Ssh | string> {
  const found = program ?? findSshd();
  if (found === undefined) return 'no sshd here';
  const folder = await mkdtemp(join(tmpdir(), 'hoop-bench-ssh-'));
  onStop(() => rm(folder, { recursive: true, force: true }));
  const [hostKey, userKey, config] = [join(folder, 'host'), join(folder, 'user'), join(folder, 'config')];
  try {
    for (const key of [hostKey, userKey]) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    await copyFile(`${userKey}.pub`, join(folder, 'authorized'));
    const port = await freePort();
    await writeFile(config, configOf(folder, port));
    const server = spawn(found, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    server.stderr.on('data', (data: Buffer) => (words += data.toString()));
    server.on('error', (error) => (words += error.message));
    onStop(async () => {
      if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill('SIGTERM');
      await exited;
    });
    const args: Ssh['args'] = (script, { terminal = false } = {}) => [
      ...['-F', 'none', '-q', '-p', String(port), '-i', userKey],
      ...['IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'Compression=no'].flatMap(
        (option) => ['-o', option],
      ),
      ...['-o', 'BatchMode=yes', '-e', 'none', ...(terminal ? ['-tt'] : [])],
      ...[`${userInfo().username}@127.0.0.1`, script],
    ];
    const said = await eventually(() => run('ssh', ['-v', ...args('true').filter((arg) => arg !== '-q')]), {
      deadlineMs: 5_000,
      describe: () => `a login over ${found}: ${words}`,
    });
    return { args, cipher: /server->client cipher: (\S+)/.exec(said.stderr)?.[1] ?? 'unknown' };
  } catch (error) {
    console.error(error);
    return 'its sshd let nobody in';
  }
}

function findSshd(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemPaths];
  return folders.map((folder) => join(folder, 'sshd')).find((path) => existsSync(path));
}

function configOf(folder: string, port: number): string {
  const lines = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: join(folder, 'host'),
    AuthorizedKeysFile: join(folder, 'authorized'),
    PidFile: 'none',
    // the folder is in /tmp, which others may write to
    StrictModes: 'no',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
    PermitRootLogin: 'prohibit-password',
    Compression: 'no',
    LogLevel: 'ERROR',
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
}
