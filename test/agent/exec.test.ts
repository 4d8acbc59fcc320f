import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { isAlive, markOf } from '#agent/process-mark.ts';
import { eventually } from '#test/support/eventually.ts';
import type { FakeGateway } from '#test/support/fake-gateway.ts';
import { connectAgent, makeHome, startGateway, type TestAgent } from './support.ts';

/** One agent runs all commands of this file. */
let gateway: FakeGateway;
let agent: TestAgent;

beforeAll(async () => {
  gateway = await startGateway();
  agent = await connectAgent(gateway);
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('a command runs with its script on standard input, stdout and stderr apart', async () => {
  const end = await gateway.runToEnd({ script: 'echo out; echo err >&2; exit 3' });
  expect(end).toMatchObject({ reason: 'exit', exitCode: 3, signal: null, message: '', outputBytes: 8 });
  expect(end).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
  const frames = gateway.frames.filter((frame) => 'sessionId' in frame && frame.sessionId === end.sessionId);
  expect(frames.map((frame) => frame.type)).toEqual(['accepted', 'started', 'exited']);
});

test('arguments are passed as they are, without a shell', async () => {
  const args = ['%s|', 'a b', '$HOME', '*', '', 'quote\'"'];
  const end = await gateway.runToEnd({ command: ['printf'], args });
  expect(end.stdout).toBe('a b|$HOME|*||quote\'"|');
});

test('10 MB of any bytes arrive exactly', async () => {
  const bytes = randomBytes(10 * 1024 * 1024);
  const file = join(makeHome(), 'bytes');
  writeFileSync(file, bytes);
  const sessionId = gateway.run({ command: ['cat', file] });
  const end = await gateway.ended(sessionId);
  expect(end).toMatchObject({ exitCode: 0, outputBytes: bytes.length });
  expect(sha256(gateway.output(sessionId, 'stdout'))).toBe(sha256(bytes));
  expect(gateway.faults).toEqual([]);
});

test('standard input of 5 MB reaches the command whole', async () => {
  const script = randomBytes(5 * 1024 * 1024);
  const end = await gateway.runToEnd({ command: ['sha256sum'], script });
  expect(end.stdout).toBe(`${sha256(script)}  -\n`);
});

test('a command that does not read its input ends as usual', async () => {
  const end = await gateway.runToEnd({ command: ['true'], script: randomBytes(1024 * 1024) });
  expect(end).toMatchObject({ reason: 'exit', exitCode: 0 });
});

test('the standard streams can be opened by name', async () => {
  const script = 'echo to-err > /dev/stderr; echo to-out > /dev/stdout; wc -c < /dev/stdin';
  const end = await gateway.runToEnd({ command: ['sh', '-c', script], script: 'four' });
  expect(end).toMatchObject({ stdout: 'to-out\n4\n', stderr: 'to-err\n', exitCode: 0 });
});

test('a script can read the rest of its own input', async () => {
  const end = await gateway.runToEnd({ script: 'read line\nfirst\necho "got $line"\ncat\nthe rest' });
  expect(end.stdout).toBe('got first\nthe rest');
});

test('nothing is left of standard input where it was kept', async () => {
  await gateway.runToEnd({ command: ['cat'], script: randomBytes(1024) });
  // other commands may be about to start on this machine: theirs is there for a moment
  const kept = () => readdirSync('/dev/shm').filter((name) => name.startsWith('hoop-'));
  const first = kept();
  await eventually(() => !kept().some((name) => first.includes(name)), { describe: () => `nothing kept, of ${first}` });
  expect(kept().filter((name) => first.includes(name))).toEqual([]);
});

test('the environment holds the basics, then that of the connection, then that of the request', async () => {
  const end = await gateway.runToEnd({
    command: ['env', '-0'],
    connectionEnv: { BOTH: 'connection', SECRET: 'two\nlines' },
    env: { BOTH: 'request', MINE: 'ä' },
  });
  const entries = end.stdout.split('\0').filter((entry) => entry !== '');
  const env = Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  const { homedir, username } = userInfo();
  expect(env).toEqual({
    PATH: process.env.PATH,
    HOME: homedir,
    USER: username,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    BOTH: 'request',
    SECRET: 'two\nlines',
    MINE: 'ä',
  });
});

test('a command starts in the home directory of the user, with a usual umask', async () => {
  const end = await gateway.runToEnd({ script: 'pwd; umask' });
  expect(end.stdout).toBe(`${userInfo().homedir}\n${process.umask().toString(8).padStart(4, '0')}\n`);
});

test('a command that is not there ends with 127 and says so', async () => {
  const end = await gateway.runToEnd({ command: ['no-such-command-here'] });
  expect(end).toMatchObject({ reason: 'not_found', exitCode: 127, outputBytes: 0 });
  expect(end.message).toContain('"no-such-command-here" was not found');
  expect(gateway.of('started').filter(({ sessionId }) => sessionId === end.sessionId)).toEqual([]);
});

test('a file that is not executable fails to start with 126', async () => {
  const file = join(agent.home, 'plain');
  writeFileSync(file, 'echo no', { mode: 0o644 });
  const end = await gateway.runToEnd({ command: [file] });
  expect(end).toMatchObject({ reason: 'start_failed', exitCode: 126 });
  expect(end.message).toContain('EACCES');
});

test('an argument that no process can be given fails to start', async () => {
  const end = await gateway.runToEnd({ command: ['echo'], args: ['a\0b'] });
  expect(end).toMatchObject({ reason: 'start_failed', exitCode: null });
});

test('a command ended by a signal says which', async () => {
  const end = await gateway.runToEnd({ script: 'echo before; kill -KILL $$' });
  expect(end).toMatchObject({ reason: 'exit', exitCode: null, signal: 'SIGKILL', stdout: 'before\n' });
});

test('children left behind with the pipes do not hold the session, and are ended', async () => {
  const end = await gateway.runToEnd({ script: 'sleep 300 & echo $!; exit 5' });
  expect(end).toMatchObject({ reason: 'exit', exitCode: 5 });
  const child = Number(end.stdout);
  await eventually(() => markOf(child) === null, { describe: `the end of the child ${child}` });
  expect(markOf(child)).toBeNull();
});

test('a child that leaves the process group does not hold the session either', async () => {
  const away = 'until [ "$(ps -o sid= -p $! | tr -d " ")" = $! ]; do sleep 0.05; done';
  const end = await gateway.runToEnd({ script: `setsid sleep 600 & ${away}; echo $!` });
  expect(end).toMatchObject({ reason: 'exit', exitCode: 0 });
  process.kill(Number(end.stdout), 'SIGKILL');
});

test('a service started in the background with streams of its own lives on', async () => {
  // once it is there it has let go of the streams of the command
  const there = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.05; done';
  const end = await gateway.runToEnd({ script: `nohup sleep 600 >/dev/null 2>&1 </dev/null & ${there}; echo $!` });
  const mark = markOf(Number(end.stdout));
  expect(mark !== null && isAlive(mark)).toBe(true);
  process.kill(Number(end.stdout), 'SIGKILL');
});

test('the order and its secrets are on no disk and in no argument list', async () => {
  const secret = randomBytes(12).toString('hex');
  const sessionId = gateway.run({ script: `sleep 600 # ${secret}`, connectionEnv: { PASSWORD: secret } });
  await gateway.waitFor('started', (frame) => frame.sessionId === sessionId);
  const onDisk = spawnSync('grep', ['-rl', secret, agent.home], { encoding: 'utf8' });
  expect(onDisk).toMatchObject({ status: 1, stdout: '' });
  const inArguments = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  expect(inArguments.stdout).toContain('runner.js');
  expect(inArguments.stdout).not.toContain(secret);
  expect(agent.log()).not.toContain(secret);
  gateway.send({ type: 'stop', sessionId, graceMs: 0 });
  await gateway.ended(sessionId);
});

test('key, journal and spool are readable by their owner alone', async () => {
  const sessionId = gateway.run({ script: 'echo hello' });
  await gateway.ended(sessionId);
  const modes = [
    '.',
    'key.pem',
    'journal.jsonl',
    'enrolment.json',
    'runner.log',
    'spool',
    `spool/${sessionId}.spool`,
  ].map((name) => statSync(join(agent.home, 'agent', name)).mode & 0o077);
  expect(modes).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('a session that the gateway forgets leaves nothing behind', async () => {
  const sessionId = gateway.run({ script: 'echo hello' });
  await gateway.ended(sessionId);
  gateway.send({ type: 'forget', sessionId });
  const spool = join(agent.home, 'agent', 'spool', `${sessionId}.spool`);
  await eventually(() => !existsSync(spool), { describe: 'the spool to be removed' });
  const journal = await gateway.nextJournal(() => gateway.cutLine());
  expect(journal.runs.map((run) => run.sessionId)).not.toContain(sessionId);
});
