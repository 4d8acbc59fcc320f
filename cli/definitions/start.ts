import { Argument, type Command } from 'commander';
import { examples, runs, type Outcome } from './define.ts';

export function defineStart(program: Command, outcome: Outcome): void {
  const start = program
    .command('start')
    .summary('start hoop on this machine')
    .description(
      'Starts everything on this machine: PostgreSQL, Temporal, gateway, worker, agent and a Slack sandbox.\n' +
        'With the name of a part, runs that one in the foreground, set up by the environment.',
    )
    .addArgument(new Argument('[part]', 'one part alone').choices(['gateway', 'worker', 'agent', 'sandbox']))
    .addHelpText(
      'after',
      `${examples('hoop start', 'HOOP_HOME=/tmp/try HOOP_LISTEN=127.0.0.1:0 hoop start', 'HOOP_GATEWAY_URL=https://hoop.example.com HOOP_AGENT_TOKEN=... hoop start agent')}

Environment:
  HOOP_HOME              where everything is kept (default: ~/.hoop)
  HOOP_LISTEN            address of the console and the API (default: 127.0.0.1:8009)
  DATABASE_URL           a PostgreSQL of your own (default: an embedded one)
  TEMPORAL_ADDRESS       a Temporal of your own (default: an embedded one)
  HOOP_POSTGRES_PORT, HOOP_TEMPORAL_PORT, HOOP_TEMPORAL_UI_PORT, HOOP_SANDBOX_PORT
                         ports of the embedded parts (0: any free one)
  HOOP_SANDBOX=off       leaves the Slack sandbox out`,
    );
  runs(start, outcome, async () => (await import('../commands/start.ts')).startCommand);
}
