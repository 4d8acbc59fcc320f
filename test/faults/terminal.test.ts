import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgentLineProxy, type AgentLineProxy } from '../support/agent-line-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { distFile } from '../support/processes.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;
let proxy: AgentLineProxy;
let folder: string;
let cli: string;

beforeAll(async () => {
  hoop = await startStack({ agentUrl: async (apiUrl) => (proxy = await startAgentLineProxy(apiUrl)).url });
  folder = await mkdtemp(join(tmpdir(), 'hoop-terminal-'));
  cli = await distFile('hoop.js');
  expect((await hoop.hoop(['admin', 'create', 'conn', 'free', '--agent', 'default', '--', 'bash']).ended).code).toBe(0);
}, 180_000);
afterAll(async () => {
  await hoop?.close();
  await proxy?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

interface Typist {
  terminal: Terminal;
  /** All that was typed. */
  typed(): string;
  /** Types so many numbered lines. */
  type(count: number): void;
}

function typistOf(terminal: Terminal): Typist {
  let count = 0;
  let typed = '';
  return {
    terminal,
    typed: () => typed,
    type(more) {
      for (let i = 0; i < more; i += 1) {
        count += 1;
        typed += `key ${count}\n`;
        terminal.type(`key ${count}\r`);
      }
    },
  };
}

const victims: [string, kill: () => Promise<void>, back: () => Promise<void>][] = [
  ['agent', () => hoop.kill('agent'), () => hoop.start('agent')],
  ['gateway', () => hoop.kill('gateway'), () => hoop.start('gateway')],
  ['line', async () => proxy.cut(), async () => undefined],
];

test.for(victims)(
  'the %s dies while somebody types: the same shell, each key once, and what it wrote once',
  { timeout: 180_000 },
  async ([victim, kill, back]) => {
    const taken = join(folder, `${victim}.taken`);
    // what the shell has taken by then, hoop does not know of
    let isHeld = false;
    void proxy.hold(victim, 'input_ack', 8).then(() => (isHeld = true));
    const terminal = await openTerminal(process.execPath, [cli, 'connect', 'free', '-e', `CELL=${victim}`], {
      PATH: process.env['PATH'] ?? '',
      TERM: 'xterm',
      HOOP_HOME: hoop.home,
      HOOP_API_URL: hoop.apiUrl,
      HOOP_TOKEN: hoop.adminToken,
    });
    await terminal.shows(/[#$] $/);
    terminal.type(`PS1='ready''> '; mine=$$; stty -echo; echo lis''tens; cat > ${taken}; stty echo\r`);
    await terminal.shows(/listens\r\n/);
    const typist = typistOf(terminal);
    await eventually(() => isHeld || typist.type(1), { describe: 'an acknowledgement that is held', everyMs: 20 });
    typist.type(20);
    await eventually(() => readFileSync(taken, 'utf8').length > 0, { describe: 'what was typed' });
    await kill();
    proxy.release();
    typist.type(20);
    await back();
    typist.type(20);
    await eventually(() => readFileSync(taken, 'utf8') === typist.typed(), {
      deadlineMs: 60_000,
      describe: () => `what was typed; ${terminal.screen().slice(-500)}`,
    });
    terminal.type('\u0004');
    terminal.type('echo "still-$((mine - $$))"; seq 101 400; echo en""ded\r');
    await terminal.shows(/ended\r\n/);
    expect(readFileSync(taken, 'utf8')).toBe(typist.typed());
    const numbers = Array.from({ length: 300 }, (_, index) => `${index + 101}\r\n`).join('');
    expect(terminal.screen().split(`still-0\r\n${numbers}ended`)).toHaveLength(2);
    terminal.type('exit 3\r');
    expect(await terminal.ended).toBe(3);
  },
);
