import type { Command } from 'commander';
import { examples, jsonOption, runs, type Outcome } from './define.ts';

export function defineAccount(program: Command, outcome: Outcome): void {
  const login = program
    .command('login')
    .summary('sign in at a gateway')
    .description('Signs in at a gateway. Asks for what is not given; the password is never shown.')
    .option('--api-url <url>', 'address of the gateway (default: that of the last login, or http://127.0.0.1:8009)')
    .option('--email <email>', 'who you are')
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText(
      'after',
      examples(
        'hoop login --api-url https://hoop.example.com',
        'hoop login --email me@example.com --password-stdin < password.txt',
      ),
    );
  runs(login, outcome, async () => (await import('../commands/login.ts')).loginCommand);

  const logout = program
    .command('logout')
    .summary('sign out')
    .description('Signs out: ends the token at the gateway and forgets it here.')
    .addHelpText('after', examples('hoop logout'));
  runs(logout, outcome, async () => (await import('../commands/logout.ts')).logoutCommand);

  const whoami = program
    .command('whoami')
    .summary('show who is signed in')
    .description('Shows who is signed in, and where.')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop whoami', 'hoop whoami -o json'));
  runs(whoami, outcome, async () => (await import('../commands/whoami.ts')).whoamiCommand);

  const version = program
    .command('version')
    .summary('show the version of hoop')
    .description('Shows the version of this command.')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop version'));
  runs(version, outcome, async () => (await import('../commands/version.ts')).versionCommand);
}
