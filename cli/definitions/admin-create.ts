import type { Command } from 'commander';
import { collect, examples, jsonOption, runs, type Outcome } from './define.ts';

const valueForms = 'A value is raw, base64://... or file:///path: no secret need stand in the command line.';
const overwrite = ['--overwrite', 'change what is there; only what is named changes'] as const;

export function defineCreate(admin: Command, outcome: Outcome): void {
  const create = admin
    .command('create')
    .description('Creates one, or changes it with --overwrite.')
    .addHelpText('after', examples('hoop admin create conn --help', 'hoop admin create agent prod'));
  definePlugin(create, outcome);
  defineUser(create, outcome);
  defineConnection(create, outcome);
  defineAgent(create, outcome);
  defineToken(create, outcome);
}

function definePlugin(create: Command, outcome: Outcome): void {
  const plugin = create
    .command('plugin')
    .alias('plugins')
    .summary('Sets up a plugin; slack is the one there is.')
    .description(`Sets up a plugin; slack is the one there is.\n${valueForms}`)
    .argument('<name>', 'slack')
    .option('--config <KEY=VAL>', 'a setting (repeatable)', collect)
    .option(...overwrite)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'hoop admin create plugin slack --overwrite --config SLACK_BOT_TOKEN=xoxb-... --config SLACK_APP_TOKEN=xapp-...',
        'hoop admin create plugin slack --overwrite --config SLACK_BOT_TOKEN=file:///run/secrets/bot-token',
      ),
    );
  runs(plugin, outcome, async () => (await import('../commands/create-plugin.ts')).createPluginCommand);
}

function defineUser(create: Command, outcome: Outcome): void {
  const user = create
    .command('user')
    .alias('users')
    .description('Creates a user. Groups come into being by being named.')
    .argument('<email>')
    .option('--groups <groups>', "groups of the user, comma separated; '' for none")
    .option('--slackid <id>', "Slack member id, as in U0123ABCD; '' to take it away")
    .option('--name <name>', 'how people call them')
    .option('--password-stdin', 'read a password from standard input')
    .option(...overwrite)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'hoop admin create user sam@example.com --overwrite --groups admin,sre --slackid U0123ABCD',
        'hoop admin create user sam@example.com --overwrite --password-stdin < password.txt',
      ),
    );
  runs(user, outcome, async () => (await import('../commands/create-user.ts')).createUserCommand);
}

function defineConnection(create: Command, outcome: Outcome): void {
  const conn = create
    .command('conn')
    .aliases(['connection', 'connections'])
    .summary('Creates a connection: a command on an agent, and who must approve its use.')
    .description(
      'Creates a connection: a command on an agent, and who must approve its use.\n' +
        `Without --reviewers it runs at once. ${valueForms}`,
    )
    .usage('<name> [options] -- <command> [args...]')
    .argument('<name>')
    .argument('[command...]', 'after --: the command and its arguments')
    .option('--agent <name>', 'the agent that runs it')
    .option('--reviewers <groups>', "groups that must each approve, comma separated; '' for none")
    .option('--plugin <name[:channels]>', "e.g. slack, or 'slack:C0123;C0456' (repeatable)", collect)
    .option('-e, --env <KEY=VAL>', 'a variable of the command, kept sealed (repeatable)', collect)
    .option('--tags <KEY=VAL>', 'a tag (repeatable)', collect)
    .option('--access-modes <modes>', 'how it may be used, comma separated: exec, connect (default: both)')
    .option('--min-approvals <n>', 'ask for so many different people')
    .option('--distinct-reviewers', 'ask for a different person a group')
    .option('--no-distinct-reviewers', 'one person may approve for several groups')
    .option('--force-approve-groups <groups>', 'groups whose members may approve alone, comma separated')
    .option('--require-reason', 'refuse requests without --reason')
    .option('--no-require-reason', 'take requests without --reason')
    .option('--window <times>', "when commands may begin, e.g. 'Mon-Fri 22:00-02:00 Europe/Berlin'; '' for any time")
    .option('--expire <duration>', 'how long a request may wait, e.g. 24h')
    .option('--max-runtime <duration>', 'end a run after this time; 0 for no limit')
    .option('--max-duration <duration>', 'the longest that connect may ask for, e.g. 4h (default: 48h)')
    .option('--max-output <size>', 'end a run after so much output, e.g. 100MB')
    .option('--max-input <size>', 'refuse requests with more standard input, e.g. 1MB (default and most: 8MB)')
    .option('--max-runs <n>', 'commands at once, others wait for their turn; 0 for no limit')
    .option('--idle <duration>', 'end a terminal without input or output for so long, e.g. 15m; 0 for no limit')
    .option('--keep <days>', 'remove recordings so long after the end, e.g. 90d; 0 to keep them for ever')
    .option('--run-as <user>', "user of the agent's machine to run commands as; '' for the agent's own")
    .option('--allow-env <names>', 'loader variables that exec -e may set all the same, comma separated')
    .option(...overwrite)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        "hoop admin create conn bash --overwrite --agent default --reviewers 'admin,sre' --plugin slack -- bash",
        "hoop admin create conn bash --overwrite --plugin 'slack:C0123;C0456'",
        "hoop admin create conn deploy --overwrite --window '22:00-02:00 UTC' --expire 2d",
        'hoop admin create conn bash --overwrite --access-modes exec,connect --max-duration 4h',
        'hoop admin create conn db --agent prod -e PGPASSWORD=file:///run/secrets/pg -- psql -h db',
        'hoop admin create conn db --overwrite --run-as deploy --max-runs 4 --max-input 1MB --keep 90d',
      ),
    );
  runs(conn, outcome, async () => (await import('../commands/create-connection.ts')).createConnectionCommand);
}

function defineAgent(create: Command, outcome: Outcome): void {
  const agent = create
    .command('agent')
    .alias('agents')
    .summary('Creates an agent and prints its token, this once.')
    .description(
      'Creates an agent and prints its token, this once.\n' +
        'With --overwrite: a new token, or with --max-runs that limit and the token it had.',
    )
    .argument('<name>')
    .option('--max-runs <n>', 'commands at once, each instance; others wait for their turn; 0 for no limit')
    .option(...overwrite)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('hoop admin create agent prod > agent-token', 'hoop admin create agent prod --overwrite --max-runs 20'),
    );
  runs(agent, outcome, async () => (await import('../commands/create-agent.ts')).createAgentCommand);
}

function defineToken(create: Command, outcome: Outcome): void {
  const token = create
    .command('token')
    .alias('tokens')
    .summary('Creates an API token: a program acts as you with it.')
    .description(
      'Creates an API token: a program acts as you with it, over the API or as HOOP_TOKEN of this command.\n' +
        'It is printed once, and kept as a hash. An API token cannot create tokens.',
    )
    .argument('<name>', 'what it is for')
    .option('--user <email>', 'as whom it acts, for admins (default: yourself)')
    .option('--expire <duration>', 'how long it is good for, from 1m to 366d (default: 90d)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('hoop admin create token nightly', 'hoop admin create token deploy --user ci@example.com --expire 30d'),
    );
  runs(token, outcome, async () => (await import('../commands/create-token.ts')).createTokenCommand);
}
