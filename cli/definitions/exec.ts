import type { Command } from 'commander';
import { collect, examples, jsonOption, runs, type Outcome } from './define.ts';

export function defineExec(program: Command, outcome: Outcome): void {
  const exec = program
    .command('exec')
    .summary('run a command on a connection, after its review')
    .description(
      'Asks for a run on a connection, waits until its reviewers approve, and shows the output.\n' +
        "stdout carries the command's output and nothing else; hoop's own words go to stderr.\n" +
        'Standard input becomes the script when neither -i nor -f is given and it is no terminal.',
    )
    .usage('<connection> [options] [-- args...]\n       hoop exec --session <id> [options]')
    .argument('[connection]', 'where to run')
    .argument('[args...]', 'after --: appended to the command of the connection')
    .option('-i, --input <text>', 'the script: standard input of the command')
    .option('-f, --file <path>', 'read the script from a file; - is standard input')
    .option('-e, --env <KEY=VAL>', 'set a variable for the command (repeatable)', collect)
    .addOption(jsonOption('print one JSON event a line: session, state, output, end'))
    .option('-s, --silent', "leave out hoop's own words")
    .option('--session <id>', 'attach to a session and replay its output')
    .option('--detach', 'print the id of the session and do not wait')
    .option('--reason <text>', 'why; reviewers read it')
    .option('--correlation-id <id>', 'your own id for this run')
    .option('--timeout <duration>', 'end the run after this time, e.g. 10m')
    .option('--wait <duration>', 'withdraw when there is no approval after this time, e.g. 30m')
    .option('--auto-approve', 'changes nothing: an approved run starts by itself')
    .addHelpText(
      'after',
      `
Ctrl-C while waiting withdraws the request; while the command runs it interrupts
the command, and a second one detaches. A dropped line never withdraws.

Exit status: that of the command (127 not found, 128+n ended by signal n), or
  64 usage   69 gateway unavailable   70 failed or over a limit
  75 expired, lost, or --wait over    77 rejected, revoked, cancelled, not allowed
  124 --timeout                       130 Ctrl-C
${examples(
  "hoop exec bash -i 'ls -la'",
  "hoop exec bash -f backup.sh -e TARGET=/srv --reason 'nightly backup'",
  "echo 'select 1' | hoop exec psql",
  'hoop exec bash -- -c \'echo "$0"\' hello',
  'hoop exec --session 7c9e6679-7425-40de-944b-e07fc1f90ae7',
)}`,
    );
  runs(exec, outcome, async () => (await import('../commands/exec.ts')).execCommand);
}
