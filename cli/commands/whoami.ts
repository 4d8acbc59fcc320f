import { paths } from '#shared/api-paths.ts';
import type { Me } from '#shared/api-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printFields, printJson } from '../output.ts';

export async function whoamiCommand({ args, options }: CommandCall<{ output?: 'json' }>): Promise<void> {
  checkArguments(args, 0, 'see hoop whoami --help');
  const client = signedInClient();
  const me = await client.get<Me>(paths.me);
  if (options.output === 'json') return printJson(me);
  printFields([
    ['email', me.email],
    ['name', me.name],
    ['groups', me.groups.join(', ') || 'none'],
    ['admin', me.admin ? 'yes' : 'no'],
    ['slack', me.slackId ?? 'not bound'],
    ['gateway', client.config.apiUrl],
  ]);
}
