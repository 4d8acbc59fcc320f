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
    .description('Lists the reviews you may decide or have asked for; admins see all.')
    .option('--state <state>', 'pending, decided or all', 'pending')
    .option('--limit <n>', 'at most so many', '50')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop review list', 'hoop review list --state all -o json'));
  runs(list, outcome, async () => (await import('../commands/review-list.ts')).reviewListCommand);

  const show = review
    .command('show')
    .description('Shows all that an approval would allow: command, script, variables, and who decided so far.')
    .argument('<session>', 'id of the session, or its first 8 characters')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop review show 7c9e6679', 'hoop review show 7c9e6679 -o json'));
  runs(show, outcome, async () => (await import('../commands/session-show.ts')).sessionShowCommand);

  for (const verdict of ['approve', 'reject'] as const) {
    const decide = review
      .command(verdict)
      .description(
        verdict === 'approve'
          ? 'Approves a request as it is now. What was asked for is shown on stderr.'
          : 'Rejects a request; one reject ends it. What was asked for is shown on stderr.',
      )
      .argument('<session>', 'id of the session, or its first 8 characters')
      .option('--reason <text>', 'why; the requester reads it')
      .option('--group <group>', 'decide for this one of your groups only');
    if (verdict === 'approve') {
      decide.option('--force', 'approve alone, as a member of a force-approve group; needs --reason');
    }
    decide
      .addOption(jsonOption('print the session as JSON'))
      .addHelpText(
        'after',
        verdict === 'approve'
          ? examples(
              'hoop review approve 7c9e6679',
              'hoop review approve 7c9e6679 --group sre',
              "hoop review approve 7c9e6679 --force --reason 'outage'",
            )
          : examples("hoop review reject 7c9e6679 --reason 'not on a Friday'"),
      );
    runs(decide, outcome, async () => (await import('../commands/review-decide.ts')).decideCommand(verdict));
  }
}
