import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hoopCli } from '#test/support/hoop-cli.ts';

const groups = [
  '',
  'review',
  'sessions',
  'admin',
  'admin create',
  'admin get',
  'admin list',
  'admin delete',
  'admin audit',
  'slack',
];
const nouns = ['plugin', 'user', 'conn', 'agent', 'token'];
const commands = [
  ...['exec', 'connect', 'login', 'logout', 'whoami', 'version', 'start', 'slack manifest', 'admin health'],
  ...['list', 'export', 'verify'].map((verb) => `admin audit ${verb}`),
  ...['list', 'show', 'approve', 'reject'].map((verb) => `review ${verb}`),
  ...['list', 'show', 'logs', 'replay', 'cancel', 'revoke'].map((verb) => `sessions ${verb}`),
  ...['create', 'get', 'list', 'delete'].flatMap((verb) => nouns.map((noun) => `admin ${verb} ${noun}`)),
];
const words = (line: string) => line.split(' ').filter((word) => word !== '');

test('every command has a help with a description and examples', async () => {
  const cli = await hoopCli({ signedIn: false });
  let all = '';
  for (const command of [...groups, ...commands]) {
    const end = await cli.run([...words(command), '--help']);
    const text = end.stdout.toString();
    expect(end).toMatchObject({ code: 0, stderr: '' });
    const described = /^Usage: hoop [^]*?\n\n[A-Z][^]*?\.\n\n/.test(text);
    expect({ command, described, examples: text.includes('Examples:\n  ') }).toEqual({
      command,
      described: true,
      examples: true,
    });
    all += `### hoop ${command}\n${text}\n`;
  }
  await expect(all).toMatchFileSnapshot('help.txt');
}, 300_000);

test('what is not there is refused with status 64', async () => {
  const cli = await hoopCli();
  const wrong = [
    ['revew', "unknown command 'revew'\n(Did you mean review?)"],
    ['connect', 'connect needs a connection'],
    ['connect bash ls', 'connect takes commands from standard input'],
    ['connect bash -- ls', 'connect takes commands from standard input'],
    ['connect bash -d soon', '--duration takes a duration'],
    ['connect bash -e 1A=x', 'no name of a variable'],
    ['connect bash --extend -e A=1', '--extend keeps the variables'],
    ['login --device --email a@example.com', '--device signs in without a password'],
    ['admin create token', "missing required argument 'name'"],
    ['admin create robot x', "unknown command 'robot'"],
    ['exec bash --inptu ls', "unknown option '--inptu'\n(Did you mean --input?)"],
    ['exec bash -o yaml', 'Allowed choices are json'],
    ['exec', 'exec needs a connection'],
    ['exec -- ls', 'exec needs a connection'],
    ['exec bash ls', 'arguments for the command go after --'],
    ['exec bash -i x -f y', 'not with both'],
    ['exec bash -f /does/not/exist', 'cannot read the script'],
    ['exec bash -e NOVALUE', '--env takes KEY=VAL'],
    ['exec bash -e 1A=x', 'no name of a variable'],
    ['exec bash --timeout soon', '--timeout takes a duration'],
    ['exec bash --wait -5', '--wait takes a duration'],
    ['exec bash --session 7c9e6679', '--session attaches'],
    ['exec --session 7c9e6679 --reason x', '--reason belongs to a new request'],
    ['exec --session nope', 'no session id'],
    ['review approve', "missing required argument 'session'"],
    ['review list --state open', 'pending, decided or all'],
    ['review list --all --state pending', '--all is --state all'],
    ['review show 7c9e6679 --script -o json', '--script prints the script alone'],
    ['review approve 7c9e6679', 'Without a terminal to ask on'],
    ['review approve 7c9e6679 --digest abc', '--digest takes the 64 characters'],
    ['review approve 7c9e6679 --force --yes', '--force needs --reason'],
    ['review reject 7c9e6679 --yes', 'A reject needs --reason'],
    ['review approve 7c9e6679 --yes --duration soon', '--duration takes a duration'],
    ['sessions logs 7c9e6679 --offset -1', '--offset takes a whole number'],
    ['sessions replay 7c9e6679 --speed 0', '--speed takes a number above 0'],
    ['sessions replay 7c9e6679 --skip-idle long', '--skip-idle takes a duration'],
    ['sessions replay 7c9e6679 --export gif', 'Allowed choices are asciicast, text'],
    ['sessions replay 7c9e6679 --output x.cast', '--output is where --export writes to'],
    ['sessions list --kind terminal', '--kind takes exec or connect'],
    ['sessions list --since soon', '--since takes a time'],
    ['sessions list --limit 0', '--limit takes 1 or more'],
    ['sessions list --limit many', '--limit takes a whole number'],
    ['admin audit list --limit 0', '--limit takes 1 or more'],
    ['admin audit list --before yesterday', '--before takes a whole number'],
    ['admin audit export --since soon', '--since takes a time'],
    ['admin health agents', 'too many arguments'],
    ['admin create conn bash sh', 'the command of the connection goes after --'],
    ['admin create conn bash --max-output lots', '--max-output takes a size'],
    ['admin create plugin slack --config x', '--config takes KEY=VAL'],
    ['start everything', 'Allowed choices are gateway, worker, agent, sandbox'],
  ] as const;
  for (const [line, message] of wrong) {
    const end = await cli.run(words(line));
    const said = end.stderr.startsWith('hoop: ') && end.stderr.includes(message) ? message : end.stderr;
    expect({ line, said, code: end.code, stdout: end.stdout.toString() }).toEqual({
      line,
      said: message,
      code: 64,
      stdout: '',
    });
  }
  expect(cli.api.requests).toEqual([]);
}, 300_000);

test('a group of commands without one shows its help with status 64', async () => {
  const cli = await hoopCli();
  for (const group of groups) {
    const end = await cli.run(words(group));
    expect(end).toMatchObject({ code: 64, stderr: expect.stringContaining(`Usage: hoop ${group}`.trimEnd()) });
  }
});

test('the reference names every command and option of the help, and no other', async () => {
  const cli = await hoopCli({ signedIn: false });
  const path = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));
  const reference = await readFile(path, 'utf8');
  for (const command of commands) {
    const section = new RegExp(`^### hoop ${command}\n([^]*?)(?=^##|(?![^]))`, 'm').exec(reference)?.[1];
    expect({ command, section }).toEqual({ command, section: expect.any(String) });
    const help = (await cli.run([...words(command), '--help'])).stdout.toString();
    const optionsOf = (text: string) => [...new Set(text.match(/(?<=[\s`(,|])--[a-z][a-z-]*/g))].sort();
    const listed = /^Options:\n([^]*?)\n\n/m.exec(help)?.[1] ?? '';
    const flags = listed.split('\n').flatMap((line) => /^ {2}(-.*?) {2}/.exec(line)?.[1] ?? []);
    const options = optionsOf(flags.map((flag) => ` ${flag}`).join('\n')).filter((option) => option !== '--help');
    const table = (section ?? '').split('\n').filter((line) => line.startsWith('|'));
    const documented = optionsOf(table.map((line) => line.split('|')[1]).join('\n'));
    expect({ command, options: documented }).toEqual({ command, options });
  }
}, 300_000);
