import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionView } from '#shared/api-schemas.ts';
import { eventually } from '../support/eventually.ts';
import { distFile } from '../support/processes.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let cli: string;

beforeAll(async () => {
  hoop = await startStack();
  cli = await distFile('hoop.js');
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

/** Says how `hoop` ended, and the modes of the terminal before and after it. */
const aroundHoop = 'echo "before $(stty -g)"; "$@"; echo "status $?"; echo "after $(stty -g)"';

const connect = (...args: string[]): Promise<Terminal> =>
  openTerminal('sh', ['-c', aroundHoop, 'sh', process.execPath, cli, 'connect', ...args], {
    PATH: process.env['PATH'] ?? '',
    TERM: 'xterm-256color',
    HOOP_HOME: hoop.home,
    HOOP_API_URL: hoop.apiUrl,
    HOOP_TOKEN: hoop.adminToken,
  });

/** Types a command, and waits for what it prints. */
const run = async (terminal: Terminal, command: string, prints: RegExp): Promise<RegExpExecArray> => {
  terminal.type(`${command}\r`);
  return terminal.shows(prints);
};

/** The exit status, once the terminal is found to be as it was. */
async function statusOf(terminal: Terminal): Promise<number> {
  await terminal.ended;
  const [, before, status, after] = /before (\S+)\r\n[^]*status (\d+)\r\nafter (\S+)\r\n/.exec(terminal.screen()) ?? [];
  expect(after).toBe(before);
  return Number(status);
}

async function list(...args: string[]): Promise<SessionView[]> {
  const { stdout } = await hoop.hoop(['sessions', 'list', '-o', 'json', ...args]).ended;
  return JSON.parse(stdout.toString()) as SessionView[];
}

test('one approval opens a shell that outlives the gateway, until the grant is revoked', async () => {
  const terminal = await connect('bash', '--reason', 'try');
  const id = (await terminal.shows(/sessions\/([0-9a-f-]{36})/))[1] ?? '';
  const asked = await hoop.sandbox.message('ops', 'bob', id);
  await hoop.sandbox.click('bob', 'ops', asked.ts, 'approve');
  await terminal.shows(/bash is granted until .*\r\n[^]*[#$] $/);
  await run(terminal, "PS1='ready''> '", /ready> $/);
  await run(terminal, 'echo "$TERM" $(stty size)', /xterm-256color 40 100\r\n/);
  terminal.resize(120, 50);
  await run(terminal, 'until stty size | grep 120; do :; done', /50 120\r\n/);
  await run(terminal, 'printf "\\u00e9\\360\\237\\230\\200"', /\u00e9\u{1f600}\S*ready> $/u);

  // Ctrl-C, Ctrl-Z and Ctrl-D are its own
  await run(terminal, "sh -c 'echo beg''un; exec sleep 999'", /begun\r\n$/);
  terminal.type('\u001a');
  await terminal.shows(/Stopped[^]*ready> $/);
  await run(terminal, 'fg', /fg\r\n[^]*exec sleep 999[^\r]*\r\n$/);
  // what is typed before the job has the terminal goes to the shell
  await eventually(() => terminal.screen().endsWith('ready> ') || (terminal.type('\u0003'), false), { everyMs: 500 });
  await run(terminal, "echo re''ady; cat; echo cat-$?", /ready\r\n$/);
  terminal.type('\u0004');
  await terminal.shows(/cat-0\r\n/);

  // a full-screen program
  const file = `${hoop.home}/written`;
  terminal.type(`vim -u NONE ${file}\r`);
  await terminal.shows(/\u001b\[\?1049h[^]*~/);
  terminal.type('ione\rtwo\u001b:wq\r');
  await terminal.shows(/\u001b\[\?1049l/);
  await run(terminal, `cat ${file}`, /one\r\ntwo\r\n/);

  // the gateway dies, and the shell does not notice
  await run(terminal, 'mine=$$; echo pid-$mine', /pid-(\d+)\r\n/);
  await hoop.kill('gateway');
  await terminal.shows(/hoop: The line to the gateway broke; the terminal goes on\./);
  terminal.type('echo "still-$((mine - $$))-here"\r');
  await hoop.start('gateway');
  await terminal.shows(/hoop: Reconnected\./);
  await eventually(() => /still-0-here\r\n/.test(terminal.screen()), {
    deadlineMs: 60_000,
    describe: () => terminal.screen().slice(-500),
  });
  expect(terminal.screen().match(/still-0-here\r\n/g)).toHaveLength(1);

  terminal.type(`less ${file}\r`);
  await terminal.shows(/still-0-here[^]*\u001b\[\?1049h[^]*two/);
  expect((await hoop.hoop(['sessions', 'revoke', id, '--reason', 'enough']).ended).code).toBe(0);
  expect(await statusOf(terminal)).toBe(77);
  expect(terminal.screen()).toMatch(/\u001b\[\?1049l[^]*Revoked[^]*enough/);
}, 300_000);

test('a shell that was left is taken up again with its screen, and played from its recording', async () => {
  const terminal = await connect('bash');
  const id = (await terminal.shows(/sessions\/([0-9a-f-]{36})/))[1] ?? '';
  const asked = await hoop.sandbox.message('ops', 'bob', id);
  await hoop.sandbox.click('bob', 'ops', asked.ts, 'approve');
  await terminal.shows(/granted until .*\r\n[^]*[#$] $/);
  await run(terminal, "PS1='ready''> '", /ready> $/);
  await run(terminal, "mark=kept; read -rs -p 'Password: ' secret", /secret[^]*Password: $/);
  await run(terminal, 'hunter2', /ready> $/);
  terminal.type('~.');
  expect(await statusOf(terminal)).toBe(0);
  const [left] = await list('--kind', 'exec', '--state', 'running');
  const short = left?.id.slice(0, 8) ?? '';
  expect(terminal.screen()).toContain(`hoop connect --terminal ${short}`);

  const other = await connect('bash');
  await other.shows(new RegExp(`A terminal of yours goes on: ${short}[^]*[#$] $`));
  await run(other, 'echo "other-$mark-"', /other--\r\n/);
  other.type('exit 5\r');
  expect(await statusOf(other)).toBe(5);

  const again = await connect('--terminal', short);
  await again.shows(/\u001b\[H\u001b\[2J[^]*Password: [^]*ready> /);
  await run(again, 'echo "again-$mark-$secret"', /again-kept-hunter2\r\n/);
  again.type('exit 6\r');
  expect(await statusOf(again)).toBe(6);

  const exported = async (format: string) =>
    (await hoop.hoop(['sessions', 'replay', short, '--export', format]).ended).stdout.toString();
  expect(await exported('text')).toMatch(
    /ready> mark=kept; read [^\n]*\nPassword: ready> echo [^\n]*\nagain-kept-hunter2\n/,
  );
  const typed = (await exported('asciicast'))
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string])
    .flatMap(([, code, data]) => (code === 'i' ? [data] : []))
    .join('');
  expect(typed).toContain('exit 6\r');
  expect(typed).not.toContain('hunter2');
}, 300_000);
