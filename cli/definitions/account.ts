import type { Command } from 'commander';
import { examples, jsonOption, runs, type Outcome } from './define.ts';

export function defineAccount(program: Command, outcome: Outcome): void {
  const login = program
    .command('login')
    .summary('sign in at a gateway')
    .description(
      'Signs in at a gateway: in the browser that it opens or, where there is none,\n' +
        'with a code that you confirm in any browser. With --email it asks for the\n' +
        'password in the terminal, and never shows it.',
    )
    .option('--api-url <url>', 'address of the gateway (default: that of the last login, or http://127.0.0.1:8009)')
    .option('--email <email>', 'who you are: sign in with a password instead')
    .option('--password-stdin', 'read the password from standard input')
    .option('--device', 'open no browser: show a code to confirm in any')
    .addHelpText(
      'after',
      examples(
        'hoop login --api-url https://hoop.example.com',
        'hoop login --device',
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
