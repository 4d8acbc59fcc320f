import type { Command } from 'commander';
import { collect, examples, jsonOption, runs, type Outcome } from './define.ts';

export function defineConnect(program: Command, outcome: Outcome): void {
  const connect = program
    .command('connect')
    .summary('a terminal on a connection for a while, after one review')
    .description(
      'Asks for a grant of a connection, waits until its reviewers approve, and opens a terminal there: the command of ' +
        'the connection, without a further review until the grant ends. A grant you have already is used again.\n' +
        'Where standard input is no terminal it is the script of one run.',
    )
    .usage('<connection> [options]\n       hoop connect --terminal <id>')
    .argument('[connection]', 'where to run')
    .allowExcessArguments() // to say where they belong
    .option('-d, --duration <duration>', 'how long the grant is to last, e.g. 2h (default: 30m)')
    .option('-e, --env <KEY=VAL>', 'set a variable for all that runs under it (repeatable)', collect)
    .option('--reason <text>', 'why; reviewers read it')
    .option('--terminal <id>', 'take up a terminal of yours that goes on, with its screen')
    .option('--extend', 'ask for more time for the grant you have, and run nothing')
    .addOption(jsonOption('print one JSON event a line: session, state, output, end'))
    .option('-s, --silent', "leave out hoop's own words")
    .addHelpText(
      'after',
      `
Ctrl-C while waiting withdraws the request. Once the terminal is open every key is
its own, but for these at the beginning of a line:
  ~.  leave; the terminal goes on, and --terminal takes it up again
  ~~  one tilde
  ~?  show these
A dropped line is taken up again. The end of the grant ends its terminals;
hoop sessions cancel gives it back.

Exit status: that of the command, 0 for ~., or as of exec: 64, 69, 70, 75, 77, 130
${examples(
  "hoop connect bash --reason 'incident 4711'",
  'hoop connect bash -d 2h -e TARGET=/srv',
  'echo "df -h" | hoop connect bash',
  'hoop connect --terminal 7c9e6679',
  'hoop connect bash --extend -d 30m',
)}`,
    );
  runs(connect, outcome, async () => (await import('../commands/connect.ts')).connectCommand);
}
