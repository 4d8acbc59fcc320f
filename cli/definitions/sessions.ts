import { Option, type Command } from 'commander';
import { examples, jsonOption, runs, type Outcome } from './define.ts';

const sessionArgument = ['<session>', 'id of the session, or its first 8 characters'] as const;

export function defineSessions(program: Command, outcome: Outcome): void {
  const sessions = program
    .command('sessions')
    .alias('session')
    .summary('see, withdraw and stop sessions')
    .description('See, withdraw and stop sessions.')
    .addHelpText('after', examples('hoop sessions list', 'hoop sessions logs 7c9e6679'));

  const list = sessions
    .command('list')
    .description('Lists the sessions you may see, the newest first.')
    .option('--state <states>', 'only these states, comma separated')
    .option('--kind <kind>', 'only exec, or only connect')
    .option('--connection <name>', 'only of this connection')
    .option('--requester <email>', 'only of this person; me for your own')
    .option('--since <time>', "only those made then or later: 2h (ago), 2026-11-23, '2026-11-23 14:00'")
    .option('--until <time>', 'only those made before it')
    .option('--limit <n>', 'at most so many', '50')
    .option('--before <session>', 'go on after this one, as the end of a list says; a time is taken, too')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'hoop sessions list --requester me',
        'hoop sessions list --kind connect --state active',
        'hoop sessions list --since 24h --state failed,lost -o json',
      ),
    );
  runs(list, outcome, async () => (await import('../commands/sessions-list.ts')).sessionsListCommand);

  const show = sessions
    .command('show')
    .alias('get')
    .description(
      'Shows a session: what was asked, who saw it, who decided, how it ended, and when and from where each happened.',
    )
    .argument(...sessionArgument)
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop sessions show 7c9e6679'));
  runs(show, outcome, async () => (await import('../commands/session-show.ts')).sessionShowCommand);

  const logs = sessions
    .command('logs')
    .description('Prints the output recorded so far: stdout to stdout, stderr to stderr.')
    .argument(...sessionArgument)
    .option('-f, --follow', 'go on with what comes, until the session ends')
    .option('--offset <n>', 'begin at this byte, counted over both streams', '0')
    .addOption(jsonOption('print one JSON event a line, as exec does'))
    .addHelpText('after', examples('hoop sessions logs 7c9e6679 > output.txt', 'hoop sessions logs 7c9e6679 -f'));
  runs(logs, outcome, async () => (await import('../commands/sessions-logs.ts')).sessionsLogsCommand);

  const replay = sessions
    .command('replay')
    .description(
      'Plays the recording of a session as it was, a terminal on yours. Ctrl-C or q leaves, the space bar pauses.\n' +
        'With --export it is written to a file instead, or to stdout.',
    )
    .argument(...sessionArgument)
    .option('--speed <factor>', '2 plays twice as fast', '1')
    .option('--skip-idle <duration>', 'cut longer pauses of the recording to this', '2s')
    .option('--no-skip-idle', 'play pauses as long as they were')
    .addOption(
      new Option('--export <format>', 'asciicast: for asciinema and its kin; text: what stood on the screen').choices([
        'asciicast',
        'text',
      ]),
    )
    .option('--output <file>', 'where to export to; stdout unless told')
    .addHelpText(
      'after',
      examples(
        'hoop sessions replay 7c9e6679 --speed 4',
        'hoop sessions replay 7c9e6679 --export asciicast --output session.cast',
        'hoop sessions replay 7c9e6679 --export text | less',
      ),
    );
  runs(replay, outcome, async () => (await import('../commands/sessions-replay.ts')).sessionsReplayCommand);

  const endings = {
    cancel: 'Withdraws a request of your own that does not run yet, or gives back a grant of yours that is active.',
    revoke: 'Stops a session, also one whose command runs and a grant with all that runs under it; for admins.',
  } as const;
  for (const [verb, description] of Object.entries(endings)) {
    const end = sessions
      .command(verb)
      .description(description)
      .argument(...sessionArgument)
      .option('--reason <text>', 'why')
      .addOption(jsonOption('print the session as JSON'))
      .addHelpText('after', examples(`hoop sessions ${verb} 7c9e6679 --reason 'no longer needed'`));
    runs(end, outcome, async () =>
      (await import('../commands/sessions-end.ts')).sessionsEndCommand(verb === 'cancel' ? 'cancel' : 'revoke'),
    );
  }
}
