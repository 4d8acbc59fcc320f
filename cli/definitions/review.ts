import type { Command } from 'commander';
import { examples, jsonOption, runs, type Outcome } from './define.ts';

export function defineReview(program: Command, outcome: Outcome): void {
  const review = program
    .command('review')
    .summary('see and decide what waits for approval')
    .description('See and decide what waits for approval.')
    .addHelpText('after', examples('hoop review list', 'hoop review approve 7c9e6679'));

  const list = review
    .command('list')
    .description('Lists the reviews you may decide or have asked for; admins see all. What waits for you comes first.')
    .option('--state <state>', 'pending, decided or all (default: "pending")')
    .option('--all', 'the decided ones too, as --state all')
    .option('--limit <n>', 'at most so many', '50')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop review list', 'hoop review list --all -o json'));
  runs(list, outcome, async () => (await import('../commands/review-list.ts')).reviewListCommand);

  const show = review
    .command('show')
    .description(
      'Shows all that an approval would allow (command, variables, script), under which policy, who decided so far.\n' +
        'What cannot be seen or would steer a terminal is shown as \\u{...}.',
    )
    .argument('<session>', 'id of the session, or its first 8 characters')
    .option('--script', 'print the script alone, byte for byte when it goes to a file or a pipe')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop review show 7c9e6679', 'hoop review show 7c9e6679 --script > script.sh'));
  runs(show, outcome, async () => (await import('../commands/review-show.ts')).reviewShowCommand);

  for (const verdict of ['approve', 'reject'] as const) {
    const decide = review
      .command(verdict)
      .description(
        verdict === 'approve'
          ? 'Approves a request: shows it on stderr and asks. One that changed since is not approved.'
          : 'Rejects a request: shows it on stderr and asks. One reject ends it.',
      )
      .argument('<session>', 'id of the session, or its first 8 characters')
      .option('--reason <text>', verdict === 'approve' ? 'why; the requester reads it' : 'why; asked for without it')
      .option('--group <group>', 'decide for this one of your groups only');
    if (verdict === 'approve') {
      decide.option('-d, --duration <duration>', 'of connect: for no longer than this, e.g. 10m');
      decide.option('--force', 'approve alone, as a member of a force-approve group; needs --reason');
    }
    decide
      .option('-y, --yes', 'do not ask: decide about the request as it is now')
      .option('--digest <digest>', 'do not ask: decide about the request that had this digest when it was read')
      .addOption(jsonOption('print the session as JSON'))
      .addHelpText(
        'after',
        verdict === 'approve'
          ? examples(
              'hoop review approve 7c9e6679',
              'hoop review approve 7c9e6679 --group sre',
              'hoop review approve 7c9e6679 --duration 10m',
              "hoop review approve 7c9e6679 --force --reason 'outage'",
              'hoop review approve 7c9e6679 --digest "$DIGEST"',
            )
          : examples('hoop review reject 7c9e6679', "hoop review reject 7c9e6679 --yes --reason 'not on a Friday'"),
      );
    runs(decide, outcome, async () => (await import('../commands/review-decide.ts')).decideCommand(verdict));
  }
}
