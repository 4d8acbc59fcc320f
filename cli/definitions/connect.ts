import type { Command } from 'commander';
import { collect, examples, jsonOption, runs, type Outcome } from './define.ts';

export function defineConnect(program: Command, outcome: Outcome): void {
  const connect = program
    .command('connect')
    .summary('run commands on a connection for a while, after one review')
    .description(
      'Asks for a grant of a connection, waits until its reviewers approve, and runs commands under it without a ' +
        'further review until it ends. A grant you have already is used again.\n' +
        'On a terminal each line is a run of its own; otherwise standard input is the script of one run.',
    )
    .usage('<connection> [options]')
    .argument('[connection]', 'where to run')
    .allowExcessArguments() // to say where they belong
    .option('-d, --duration <duration>', 'how long the grant is to last, e.g. 2h (default: 30m)')
    .option('-e, --env <KEY=VAL>', 'set a variable for all that runs under it (repeatable)', collect)
    .option('--reason <text>', 'why; reviewers read it')
    .option('--extend', 'ask for more time for the grant you have, and run nothing')
    .addOption(jsonOption('print one JSON event a line: session, state, output, end'))
    .option('-s, --silent', "leave out hoop's own words")
    .addHelpText(
      'after',
      `
Ctrl-C while waiting withdraws the request. At the prompt it clears the line, and
interrupts the command while one runs; Ctrl-D or exit leaves. The grant lasts on:
hoop sessions cancel gives it back.

Exit status: of a script that of the command, else 0 once you leave or the time is
  over, or as of exec: 64, 69, 70, 75, 77, 130
${examples(
  "hoop connect bash --reason 'incident 4711'",
  'hoop connect bash -d 2h -e TARGET=/srv',
  'echo "df -h" | hoop connect bash',
  'hoop connect bash --extend -d 30m',
)}`,
    );
  runs(connect, outcome, async () => (await import('../commands/connect.ts')).connectCommand);
}
