import { paths } from '#shared/api-paths.ts';
import type { UserView } from '#shared/api-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments, commaList } from '../options.ts';
import { printJson } from '../output.ts';
import { readPasswordFromStdin } from '../read-input.ts';
import { print } from '../terminal.ts';

export interface CreateUserOptions {
  groups?: string;
  slackid?: string;
  name?: string;
  passwordStdin?: boolean;
  overwrite?: boolean;
  output?: 'json';
}

export async function createUserCommand({ args, options }: CommandCall<CreateUserOptions>): Promise<void> {
  checkArguments(args, 1, 'one user at a time');
  const client = signedInClient();
  const password = options.passwordStdin ? await readPasswordFromStdin() : undefined;
  const user = await client.post<UserView>(paths.users, {
    email: args[0],
    name: options.name,
    groups: options.groups === undefined ? undefined : commaList(options.groups),
    slackId: options.slackid === '' ? null : options.slackid,
    password,
    overwrite: options.overwrite ?? false,
  });
  if (options.output === 'json') return printJson(user);
  print(`User ${user.email} saved (groups: ${user.groups.join(', ') || 'none'}).`);
}
