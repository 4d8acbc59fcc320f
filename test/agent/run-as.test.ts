import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { userToRunAs } from '#agent/machine-user.ts';
import { spawnedAsUser, type SpawnedAs } from '#agent/runner/as-user.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { connectAgent, startGateway, type TestAgent } from './support.ts';

/** Only root can run commands as somebody else; any other user is told so, which is what these tests see then. */
const isRoot = userInfo().uid === 0;

let gateway: FakeGateway;
let agent: TestAgent;

beforeAll(async () => {
  gateway = await startGateway();
  agent = await connectAgent(gateway);
});

const asNobody = (script: string) => gateway.runToEnd({ script, envelope: { runAs: 'nobody' } });
const refusalOf = async (runAs: string) => {
  const sessionId = gateway.run({ script: 'id', envelope: { runAs } });
  return (await gateway.waitFor('order_refused', (frame) => frame.sessionId === sessionId)).message;
};

const ofRoot: [title: string, body: () => Promise<void> | void][] = [
  [
    'a command has the identity of that user, and no group of root',
    async () => {
      const nobody = await userToRunAs('nobody');
      const end = await asNobody('id -u; id -g; id -G; echo "$USER $LOGNAME $HOME"; pwd');
      const cwd = nobody.home === '/nonexistent' ? '/' : nobody.home;
      expect(end).toMatchObject({ exitCode: 0, stderr: '' });
      expect(end.stdout).toBe(
        `${nobody.uid}\n${nobody.gid}\n${nobody.groups.join(' ')}\nnobody nobody ${nobody.home}\n${cwd}\n`,
      );
    },
  ],

  [
    'it reads neither the key, the journal nor the spool of the agent',
    async () => {
      // a home that others may enter shows that the files themselves are closed to them
      chmodSync(agent.home, 0o755);
      const home = join(agent.home, 'agent');
      chmodSync(home, 0o755);
      chmodSync(join(home, 'spool'), 0o755);
      const held = gateway.run({ script: 'echo of another', envelope: { runAs: 'nobody' } });
      await gateway.ended(held);
      const files = [join(home, 'key.pem'), join(home, 'journal.jsonl'), join(home, 'spool', `${held}.spool`)];
      for (const file of files) expect(statSync(file).size).toBeGreaterThan(0);
      const end = await asNobody(files.map((file) => `cat ${file}; echo "$?"`).join('\n'));
      expect(end.stdout).toBe('1\n1\n1\n');
      expect(end.stderr.match(/Permission denied/g)).toHaveLength(3);
      for (const folder of [home, join(home, 'spool')]) chmodSync(folder, 0o700);
      const outside = await asNobody(`ls ${home}`);
      expect(outside.stderr).toContain('Permission denied');
    },
  ],

  [
    'the standard streams can be opened by name',
    async () => {
      const script = 'echo err > /dev/stderr; echo out > /dev/stdout; cat /dev/stdin';
      const command = ['sh', '-c', script];
      const end = await gateway.runToEnd({ command, script: 'typed', envelope: { runAs: 'nobody' } });
      expect(end).toMatchObject({ stdout: 'out\ntyped', stderr: 'err\n', exitCode: 0 });
    },
  ],

  [
    'it can be stopped by the agent',
    async () => {
      const sessionId = gateway.run({ script: 'echo on; sleep 60', envelope: { runAs: 'nobody' } });
      await gateway.waitFor('started', (frame) => frame.sessionId === sessionId);
      gateway.send({ type: 'stop', sessionId, graceMs: 300_000 });
      expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'stopped', signal: 'SIGTERM' });
    },
  ],

  [
    'a user who is in several groups has them all',
    async () => {
      const user = { uid: 65_534, gid: 65_534, groups: [65_534, 1, 2] };
      const command = { argv: ['id', '-G'], env: { PATH: process.env['PATH'] ?? '' }, cwd: '/', stdin: '', user };
      const limits = { maxRuntimeSeconds: 0, maxOutputBytes: 1 };
      const { argv, identity } = spawnedAsUser({ ...command, ...limits });
      expect(await outputOf(argv, identity)).toBe('65534 1 2\n');
      expect(() => spawnedAsUser({ ...command, ...limits, argv: ['no-such-program'] })).toThrow(
        expect.objectContaining({ exitCode: 127 }),
      );
    },
  ],

  [
    'nothing that has a program load other code works while the user is being changed',
    () => {
      const user = { uid: 65_534, gid: 65_534, groups: [65_534, 1] };
      const theirs = {
        LD_PRELOAD: '/tmp/theirs.so',
        GLIBC_TUNABLES: 'x',
        MUSL_LOCPATH: '/tmp',
        LC_ALL: 'x',
        LANGUAGE: 'x',
      };
      const env = { PATH: '/usr/bin:/bin', ...theirs, MINE: 'y' };
      const limits = { maxRuntimeSeconds: 0, maxOutputBytes: 1 };
      const { argv, identity } = spawnedAsUser({ argv: ['id', '-G'], env, cwd: '/', stdin: '', user, ...limits });
      expect(identity.env).toEqual({ PATH: '/usr/bin:/bin', MINE: 'y' });
      const behind = argv.slice(argv.indexOf('--') + 1);
      expect(behind).toEqual([
        '/usr/bin/env',
        ...Object.entries(theirs).map(([name, value]) => `${name}=${value}`),
        ...['id', '-G'],
      ]);
    },
  ],

  [
    'a terminal belongs to that user',
    async () => {
      const { uid } = await userToRunAs('nobody');
      const terminal = { type: 'xterm', columns: 80, rows: 24 };
      const command = ['sh', '-c', 'test -t 0 && id -u && id -G && echo named > /dev/tty'];
      const end = await gateway.runToEnd({ command, envelope: { runAs: 'nobody', terminal } });
      expect(end).toMatchObject({ exitCode: 0, stdout: `${uid}\r\n${uid}\r\nnamed\r\n` });
    },
  ],

  [
    'a program that only root can reach is refused to that user',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hoop-closed-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const end = await asNobody(`ls ${folder}`);
      expect(end).toMatchObject({ exitCode: 2 });
      expect(readdirSync(folder)).toEqual([]);
    },
  ],
];

const ofAnyOther: typeof ofRoot = [
  [
    'an agent of a plain user says what to change, and runs nothing',
    async () => {
      expect(await refusalOf('nobody')).toMatch(/Run the agent as root or as nobody, or take --run-as off/);
    },
  ],
];

test.each(isRoot ? ofRoot : ofAnyOther)('as another user: %s', (_, body) => body());

test('a user that the machine does not know is named, and nothing runs', async () => {
  expect(await refusalOf('nobody-of-that-name')).toMatch(/There is no user nobody-of-that-name on .*--run-as/);
  expect(gateway.of('started').map((frame) => frame.sessionId)).not.toContain(
    gateway.of('order_refused').at(-1)?.sessionId,
  );
});

test('its own user needs no change of identity', async () => {
  const { username, uid } = userInfo();
  const end = await gateway.runToEnd({ script: 'id -u; echo $LOGNAME', envelope: { runAs: username } });
  expect(end.stdout).toBe(`${uid}\n${username}\n`);
});

async function outputOf(argv: string[], identity: SpawnedAs['identity']): Promise<string> {
  const child = spawn(argv[0] ?? '', argv.slice(1), { ...identity, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  await once(child, 'close');
  return text;
}
