import type { Command } from 'commander';
import { defineCreate } from './admin-create.ts';
import { examples, jsonOption, runs, type Outcome } from './define.ts';

/** The things admins look after: by what they are called in commands, and what names one of them. */
export const adminNouns = {
  plugin: { aliases: ['plugins'], key: 'name' },
  user: { aliases: ['users'], key: 'email' },
  conn: { aliases: ['connection', 'connections'], key: 'name' },
  agent: { aliases: ['agents'], key: 'name' },
  token: { aliases: ['tokens'], key: 'token' },
} as const;
export type AdminNoun = keyof typeof adminNouns;
const titles: Record<AdminNoun, string> = {
  plugin: 'plugin',
  user: 'user',
  conn: 'connection',
  agent: 'agent',
  token: 'API token',
};
const samples: Record<AdminNoun, string> = {
  plugin: 'slack',
  user: 'sam@example.com',
  conn: 'bash',
  agent: 'default',
  token: 'nightly',
};

export function defineAdmin(program: Command, outcome: Outcome): void {
  const admin = program
    .command('admin')
    .summary('look after plugins, users, connections, agents, tokens and health')
    .description('Look after plugins, users, connections, agents and API tokens, the audit log and health.')
    .addHelpText('after', examples('hoop admin list conn', 'hoop admin create conn --help'));

  defineCreate(admin, outcome);
  defineGet(admin, outcome);
  defineList(admin, outcome);
  defineDelete(admin, outcome);

  const health = admin
    .command('health')
    .description('Measures how each part of hoop is now, and says what to do; status 70 when not all is well.')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop admin health', 'hoop admin health -o json'));
  runs(health, outcome, async () => (await import('../commands/health.ts')).healthCommand);

  defineAudit(admin, outcome);
}

function defineAudit(admin: Command, outcome: Outcome): void {
  const audit = admin
    .command('audit')
    .description('Look at the audit log.')
    .addHelpText('after', examples('hoop admin audit list', 'hoop admin audit verify'));

  const list = audit.command('list').description('Lists rows of the audit log, the newest first.');
  filters(list)
    .option('--limit <n>', 'at most so many', '50')
    .option('--before <row>', 'go on after this one, as the end of a list says')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'hoop admin audit list --actor sam@example.com --since 24h',
        'hoop admin audit list --action session.revoke',
        'hoop admin audit list --subject 7c9e6679 -o json',
      ),
    );
  runs(list, outcome, async () => (await import('../commands/audit-list.ts')).auditListCommand);

  const exports = audit
    .command('export')
    .description(
      'Prints rows of the audit log, the oldest first, as one JSON object a line. That somebody exported it is in the log.',
    );
  filters(exports)
    .option('--file <path>', 'write them to this file; stdout unless told')
    .addHelpText(
      'after',
      examples('hoop admin audit export --file audit.ndjson', 'hoop admin audit export --since 7d | gzip > week.gz'),
    );
  runs(exports, outcome, async () => (await import('../commands/audit-export.ts')).auditExportCommand);
  const verify = audit
    .command('verify')
    .description('Checks the hash chain of the audit log; names the first broken row.')
    .addOption(jsonOption())
    .addHelpText('after', examples('hoop admin audit verify'));
  runs(verify, outcome, async () => (await import('../commands/audit-verify.ts')).auditVerifyCommand);
}

function filters(command: Command): Command {
  return command
    .option('--actor <name>', 'only what this one did: sam@example.com, system:sweep')
    .option('--action <name>', 'only this, or what begins so: session, session.create')
    .option('--subject <name>', 'only what was done to it: a session or its first 8 characters, bash, sam@example.com')
    .option('--since <time>', "only rows of then or later: 2h (ago), 2026-11-23, '2026-11-23 14:00'")
    .option('--until <time>', 'only rows before it');
}

function defineGet(admin: Command, outcome: Outcome): void {
  const get = admin
    .command('get')
    .description('Shows one, or all when none is named.')
    .addHelpText('after', examples('hoop admin get conn bash', 'hoop admin get user sam@example.com -o json'));
  for (const noun of Object.keys(adminNouns) as AdminNoun[]) {
    const one = get
      .command(noun)
      .aliases(adminNouns[noun].aliases)
      .description(`Shows one ${titles[noun]}, or all when none is named.`)
      .argument(`[${adminNouns[noun].key}]`)
      .addOption(jsonOption())
      .addHelpText('after', examples(`hoop admin get ${noun} ${samples[noun]}`, `hoop admin get ${noun} -o json`));
    runs(one, outcome, async () => (await import('../commands/admin-get.ts')).adminGetCommand(noun));
  }
}

function defineList(admin: Command, outcome: Outcome): void {
  const list = admin
    .command('list')
    .description('Lists all there are.')
    .addHelpText('after', examples('hoop admin list users', 'hoop admin list agents -o json'));
  for (const noun of Object.keys(adminNouns) as AdminNoun[]) {
    const all = list
      .command(noun)
      .aliases(adminNouns[noun].aliases)
      .description(`Lists all ${titles[noun]}s.`)
      .addOption(jsonOption())
      .addHelpText('after', examples(`hoop admin list ${noun}`, `hoop admin list ${noun} -o json`));
    runs(all, outcome, async () => (await import('../commands/admin-get.ts')).adminGetCommand(noun));
  }
}

/** What happens to it that nobody would expect. */
const details: Partial<Record<AdminNoun, string>> = {
  plugin: ' and its tokens; connections keep their channels',
  token: ', your own by its name, any by its id: it is good for nothing any more',
};

function defineDelete(admin: Command, outcome: Outcome): void {
  const remove = admin
    .command('delete')
    .description('Deletes one.')
    .addHelpText('after', examples('hoop admin delete conn bash'));
  for (const noun of Object.keys(adminNouns) as AdminNoun[]) {
    const one = remove
      .command(noun)
      .aliases(adminNouns[noun].aliases)
      .description(`Deletes one ${titles[noun]}${details[noun] ?? ''}.`)
      .argument(`<${adminNouns[noun].key}>`)
      .addHelpText('after', examples(`hoop admin delete ${noun} ${samples[noun]}`));
    runs(one, outcome, async () => (await import('../commands/admin-delete.ts')).adminDeleteCommand(noun));
  }
}
