import { Argument, type Command } from 'commander';
import { examples, runs, type Outcome } from './define.ts';

export function defineOperation(program: Command, outcome: Outcome): void {
  const start = program
    .command('start')
    .summary('run hoop, or one part of it')
    .description(
      'Runs all of hoop on this machine: PostgreSQL, Temporal, gateway, worker, an agent and the Slack sandbox;\n' +
        'or one part in the foreground. Ctrl-C stops everything, running commands too.',
    )
    .addArgument(new Argument('[part]', 'only this part').choices(['gateway', 'worker', 'agent', 'sandbox']))
    .addHelpText(
      'after',
      examples('hoop start', 'HOOP_GATEWAY_URL=https://hoop.example.com HOOP_AGENT_TOKEN=... hoop start agent'),
    );
  runs(start, outcome, async () => (await import('../commands/start.ts')).startCommand);

  const slack = program
    .command('slack')
    .summary('set up the Slack app')
    .description('Set up the Slack app.')
    .addHelpText('after', examples('hoop slack manifest'));
  const manifest = slack
    .command('manifest')
    .description("Prints the manifest of hoop's Slack app (api.slack.com/apps > Create New App > From a manifest).")
    .addHelpText('after', examples('hoop slack manifest > manifest.json'));
  runs(manifest, outcome, async () => (await import('../commands/slack-manifest.ts')).slackManifestCommand);
}
