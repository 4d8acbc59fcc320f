import type { Command } from 'commander';
import { examples, runs, type Outcome } from './define.ts';

export function defineSlack(program: Command, outcome: Outcome): void {
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
