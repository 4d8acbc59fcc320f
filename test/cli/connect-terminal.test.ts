import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CreateSessionInput } from '#shared/api-schemas.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import type { FakeSession } from '#test/support/fake-api.ts';
import { activeGrant, commandOf, grantOf } from '#test/support/fake-grants.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';
import type { Terminal } from '#test/support/pty.ts';

const asked = ({ api }: HoopCli) => api.seen('POST', '/api/sessions').map(({ body }) => body as CreateSessionInput);

/** `hoop connect bash` under a grant that was there, with a shell that has shown its prompt. */
async function shell(): Promise<{ cli: HoopCli; terminal: Terminal; remote: FakeSession; grant: FakeSession }> {
  const cli = await hoopCli();
  const grant = activeGrant(cli);
  const terminal = await cli.onTerminal(['connect', 'bash'], { TERM: 'xterm-256color' });
  const remote = await commandOf(cli);
  remote.state('running');
  remote.output('stdout', 'dana$ ');
  await terminal.shows(/dana\$ /);
  return { cli, terminal, remote, grant };
}

/** Once what is typed arrives as it is. */
async function typing(terminal: Terminal, remote: FakeSession, text: string): Promise<void> {
  const before = remote.typedText;
  terminal.type(text);
  await eventually(() => remote.typedText === before + text, { describe: () => JSON.stringify(remote.typedText) });
}

const fullScreen = '\u001b[?1049h\u001b[?1h\u001b=\u001b[?2004h\u001b[?1002h\u001b[?1006h\u001b[?25l';
const undone = [
  '\u001b[?1049l',
  '\u001b[?1l',
  '\u001b>',
  '\u001b[?2004l',
  '\u001b[?1002l',
  '\u001b[?1006l',
  '\u001b[?25h',
];

describe('a terminal', () => {
  test('opens once the grant is there, with the kind and size of this one, and gives its exit status', async () => {
    const cli = await hoopCli();
    const terminal = await cli.onTerminal(['connect', 'bash'], { TERM: 'xterm-256color' });
    await terminal.shows(/Waiting for approval/);
    const grant = await grantOf(cli);
    grant.active(1800);
    const remote = await commandOf(cli);
    remote.state('running');
    remote.output('stdout', 'dana$ ');
    await terminal.shows(/bash is granted until .* \(30m\)\.\r\n[^]*dana\$ /);
    await typing(terminal, remote, 'exit 3\r');
    remote.output('stdout', 'exit 3\r\nexit\r\n');
    remote.end('finished', { exitCode: 3 });
    expect(await terminal.ended).toBe(3);
    expect(terminal.screen()).toContain('hoop connect bash comes back without a review, ');
    expect(terminal.screen()).toContain(`hoop sessions cancel ${grant.view.id.slice(0, 8)} gives it back.`);
    expect(asked(cli)[1]).toEqual({
      ...{ id: expect.any(String), connection: 'bash', kind: 'exec', grant: grant.view.id },
      terminal: { type: 'xterm-256color', columns: 100, rows: 40 },
    });
    expect(remote.commands[0]).toEqual({ command: 'attach', client: expect.any(String), columns: 100, rows: 40 });
  });

  test('has every key: Ctrl-C, Ctrl-Z, Ctrl-D, Ctrl-\\ and bytes that are no text', async () => {
    const { cli, terminal, remote } = await shell();
    const keys = '\u0003\u001a\u0004\u001c\u0011\u0013\u001b[A\u007f\r\n\u00e9\u{1f600}';
    await typing(terminal, remote, keys);
    expect(cli.api.sessions.get(remote.view.id)?.view.state).toBe('running');
    remote.end('finished', { exitCode: 0 });
    expect(await terminal.ended).toBe(0);
  });

  test('shows what comes as it is, line feeds that mean themselves as well', async () => {
    const { terminal, remote } = await shell();
    remote.output('stdout', 'a\nb\r\n\u001b]0;title\u0007done');
    await terminal.shows(/done/);
    expect(terminal.screen()).toContain('a\nb\r\n\u001b]0;title\u0007done');
  });

  test('is told the size of this one whenever it changes', async () => {
    const { terminal, remote } = await shell();
    terminal.resize(120, 50);
    await eventuallyPasses(() => expect(remote.commands.at(-1)).toEqual({ command: 'resize', columns: 120, rows: 50 }));
  });

  test('takes a paste of 1 MB whole', async () => {
    const { terminal, remote } = await shell();
    const paste = randomBytes(512 * 1024).toString('hex');
    await terminal.paste(paste);
    await eventually(() => remote.typedText.length === paste.length, {
      describe: () => `${remote.typedText.length} bytes`,
    });
    expect(remote.typedText === paste).toBe(true);
  }, 60_000);

  test('goes on after a line that broke, with each key once', async () => {
    const { terminal, remote } = await shell();
    await typing(terminal, remote, 'one');
    remote.takesInput = false;
    terminal.type('two');
    await eventually(() => remote.inputLost > 0, { describe: 'input that is lost on the way' });
    remote.dropLines();
    remote.takesInput = true;
    await terminal.shows(
      /dana\$ \r\nhoop: The line to the gateway broke; the terminal goes on\. Reconnecting\.\.\.\r\n/,
    );
    terminal.type('three');
    await eventually(() => remote.typedText === 'onetwothree', { describe: () => remote.typedText });
    await terminal.shows(/hoop: Reconnected\.\r\n/);
    expect(new Set([...remote.typed.keys()]).size).toBe(1);
    remote.output('stdout', 'more');
    await terminal.shows(/Reconnected\.\r\nmore/);
  });

  test('that starts late is withdrawn with Ctrl-C, with status 130', async () => {
    const cli = await hoopCli();
    activeGrant(cli);
    const terminal = await cli.onTerminal(['connect', 'bash']);
    const remote = await commandOf(cli);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(130);
    expect(remote.view.state).toBe('cancelled');
  });
});

describe('escapes at the beginning of a line', () => {
  test('~. leaves, says how to come back, and the terminal goes on', async () => {
    const { terminal, remote } = await shell();
    await typing(terminal, remote, 'ls ~.\r');
    terminal.type('~.');
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toMatch(
      new RegExp(`The terminal goes on, until .*: hoop connect --terminal ${remote.view.id.slice(0, 8)}\r\n$`),
    );
    expect(remote.view.state).toBe('running');
    expect(remote.typedText).toBe('ls ~.\r');
  });

  test('~. leaves while the line is down', async () => {
    const { cli, terminal } = await shell();
    const { port } = cli.api;
    await cli.api.close();
    await terminal.shows(/The line to the gateway broke/);
    terminal.type('\r~.');
    expect(await terminal.ended).toBe(0);
    await cli.api.listen(port);
  });

  test('~~ is one tilde, ~? shows them, ~ and another key is both, and pasted ones are text', async () => {
    const { terminal, remote } = await shell();
    terminal.type('~~/\r~?~a\r');
    await terminal.shows(/hoop: At the beginning of a line: ~\. leaves/);
    const pasted = '\u001b[200~\r~.\r~?\u001b[201~';
    terminal.type(pasted);
    await eventuallyPasses(() => expect(remote.typedText).toBe(`~/\r~a\r${pasted}`));
  });
});

describe("hoop's own words", () => {
  test('stand on a line of their own, and wait until a full-screen program has ended', async () => {
    const { terminal, remote, grant } = await shell();
    grant.active(70);
    await terminal.shows(
      /dana\$ \r\nhoop: bash is granted until .*\r\nhoop: The grant ends in a minute, at .*--extend\r\n/,
    );
    remote.output('stdout', `${fullScreen}file`);
    await terminal.shows(/file/);
    grant.active(1800);
    await terminal.shows(/file\u0007$/);
    expect(terminal.screen()).not.toContain('(30m) now');
    remote.output('stdout', '\u001b[?1049l\r\ndana$ ');
    await terminal.shows(/\u001b\[\?1049l\r\ndana\$ \r\nhoop: bash is granted until .* \(30m\) now\.\r\n$/);
  });

  test('are never within a sequence or a character', async () => {
    const { terminal, remote, grant } = await shell();
    remote.output('stdout', '\r\n\u001b[3');
    await terminal.shows(/\r\n\u001b\[3$/);
    grant.active(1800);
    remote.output('stdout', Buffer.from('1mr\u00e9d').subarray(0, -2));
    await terminal.shows(/1mr/);
    expect(terminal.screen()).not.toContain('hoop: ');
    remote.output('stdout', Buffer.from([0xa9]));
    await terminal.shows(/1mr\u00e9\r\nhoop: bash is granted until/);
  });
});

describe('the terminal is as it was', () => {
  const check = (terminal: Terminal) => {
    for (const sequence of undone) expect(terminal.screen().split('drawn').at(-1)).toContain(sequence);
  };
  const drawn = async () => {
    const all = await shell();
    all.remote.output('stdout', `${fullScreen}drawn`);
    await all.terminal.shows(/drawn/);
    return all;
  };

  test('after the end of the shell', async () => {
    const { terminal, remote } = await drawn();
    remote.end('finished', { exitCode: 0 });
    expect(await terminal.ended).toBe(0);
    check(terminal);
  });

  test('after ~.', async () => {
    const { terminal } = await drawn();
    terminal.type('~.');
    expect(await terminal.ended).toBe(0);
    check(terminal);
  });

  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const) {
    test(`after ${signal}, and the shell goes on`, async () => {
      const { terminal, remote } = await drawn();
      terminal.signal(signal);
      expect(await terminal.ended).toBe(status);
      check(terminal);
      expect(terminal.screen()).toMatch(/The terminal goes on, until .*hoop connect --terminal/);
      expect(remote.view.state).toBe('running');
    });
  }

  test('after a grant that is revoked, with status 77', async () => {
    const { terminal, remote, grant } = await drawn();
    grant.state('closing');
    remote.end('revoked', { message: 'The grant it ran under is over.' });
    await terminal.shows(/Revoked: The grant it ran under is over\./);
    grant.end('revoked');
    expect(await terminal.ended).toBe(77);
    check(terminal);
    expect(terminal.screen()).toMatch(/Revoked\.\r\n$/);
  });

  test('after a grant whose time is over, also where its agent ended the terminal first', async () => {
    const { terminal, remote, grant } = await drawn();
    grant.active(1);
    remote.end('revoked', { message: 'The grant it ran under is over.' });
    await terminal.shows(/Revoked: The grant it ran under is over\./);
    grant.end('ended', { message: 'Its time was over.' });
    expect(await terminal.ended).toBe(77);
    check(terminal);
    expect(terminal.screen()).toMatch(/The grant has ended\. Its time was over\.\r\n$/);
    expect(terminal.screen()).not.toContain('comes back without a review');
  });

  test('after a gateway that lets nobody in any more', async () => {
    const { terminal, remote } = await drawn();
    remote.closeLines(4401);
    expect(await terminal.ended).toBe(77);
    check(terminal);
    expect(terminal.screen()).toContain(`hoop connect --terminal ${remote.view.id.slice(0, 8)}`);
  });
});

describe('a terminal that was left', () => {
  const xterm = { type: 'xterm', columns: 100, rows: 40 };
  const left = (cli: HoopCli, grant: FakeSession): FakeSession => {
    const session = cli.api.addSession({
      ...{ id: randomUUID(), kind: 'exec', grant: grant.view.id, terminal: true, state: 'running' },
    });
    session.view.envelope.terminal = xterm;
    return session;
  };

  test('is named where a new one is opened', async () => {
    const cli = await hoopCli();
    const before = left(cli, activeGrant(cli));
    const id = before.view.id.slice(0, 8);
    const terminal = await cli.onTerminal(['connect', 'bash']);
    await terminal.shows(new RegExp(`A terminal of yours goes on: ${id} .* hoop connect --terminal ${id}\r\n`));
    await commandOf(cli, 1);
    expect(asked(cli)).toHaveLength(1);
  });

  test('is taken up with its screen as it is, and goes on from there', async () => {
    const cli = await hoopCli();
    const before = left(cli, activeGrant(cli));
    before.output('stdout', 'dana$ \u001b[31mls\u001b[0m\r\nold file\r\u001b[2Knew file\r\n');
    before.output('input', 'secret');
    before.output('stdout', '\u001b[?2004hdana$ ');
    before.view = { ...before.view, outputBytes: before.size };
    const terminal = await cli.onTerminal(['connect', '--terminal', before.view.id.slice(0, 8)]);
    await eventually(() => before.sockets.size > 0);
    await terminal.shows(/\u001b\[H\u001b\[2Jdana\$ \u001b\[31mls[^]*new file[^]*dana\$ /);
    expect(terminal.screen()).not.toMatch(/old|secret/);
    expect(before.askedOffsets).toEqual([before.size]);
    await typing(terminal, before, 'pwd\r');
    before.output('stdout', 'pwd\r\n');
    await terminal.shows(/pwd\r\n/);
    before.end('finished', { exitCode: 4 });
    expect(await terminal.ended).toBe(4);
    expect(terminal.screen()).toContain('\u001b[?2004l');
    expect(asked(cli)).toEqual([]);
  });

  test('that has ended is said to have', async () => {
    const cli = await hoopCli();
    const before = left(cli, activeGrant(cli));
    before.end('finished', { exitCode: 0 });
    const terminal = await cli.onTerminal(['connect', '--terminal', before.view.id]);
    expect(await terminal.ended).toBe(64);
    expect(terminal.screen()).toContain(`has ended (finished). What was on it: hoop sessions replay`);
  });
});

test('a connection that was changed since has a new grant asked for, and says why', async () => {
  const cli = await hoopCli();
  const old = activeGrant(cli);
  const { id } = old.view;
  cli.api.refuseUnder(id, 'grant_outdated', 'bash was changed since this grant was approved.');
  const terminal = await cli.onTerminal(['connect', 'bash']);
  await terminal.shows(new RegExp(`Your grant ${id.slice(0, 8)} serves no more: bash was changed`));
  await terminal.shows(/Waiting for approval/);
  expect(asked(cli)).toMatchObject([{ kind: 'exec', grant: id }, { kind: 'connect' }]);
});

test('a grant that sets variables says which, also to who names none', async () => {
  const cli = await hoopCli();
  const grant = activeGrant(cli);
  grant.view = { ...grant.view, envelope: { ...grant.view.envelope, env: { A: '1', B: '2' } } };
  const terminal = await cli.onTerminal(['connect', 'bash']);
  await commandOf(cli);
  expect(asked(cli)).toHaveLength(1);
  await terminal.shows(/without a new review\. It sets A, B, as was asked for with -e\./);
});

test('-o json is not for a terminal, and neither is output into a file', async () => {
  const cli = await hoopCli();
  const terminal = await cli.onTerminal(['connect', 'bash', '-o', 'json']);
  expect(await terminal.ended).toBe(64);
  expect(terminal.screen()).toContain('-o json tells of one run');
  const file = await cli.onTerminal(['connect', 'bash'], {}, '> /dev/null');
  expect(await file.ended).toBe(64);
  expect(file.screen()).toContain("pipe them in: echo 'df -h' | hoop connect <connection> > file");
});
