import { paths } from '#shared/api-paths.ts';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { signedInClient, type ApiClient } from '../client.ts';
import type { AdminNoun } from '../definitions/admin.ts';
import type { CommandCall, CommandRun } from '../definitions/define.ts';
import { keptChannels } from '../kept-channels.ts';
import { checkArguments } from '../options.ts';
import { print } from '../terminal.ts';

const places: Record<AdminNoun, (key: string) => string> = {
  plugin: paths.plugin,
  user: paths.user,
  conn: paths.connection,
  agent: paths.agent,
  token: paths.token,
};
const titles: Record<AdminNoun, string> = {
  plugin: 'Plugin',
  user: 'User',
  conn: 'Connection',
  agent: 'Agent',
  token: 'Token',
};

export function adminDeleteCommand(noun: AdminNoun): CommandRun<object> {
  return async ({ args }: CommandCall<object>) => {
    checkArguments(args, 1, 'one at a time');
    const key = args[0] ?? '';
    const client = signedInClient();
    await client.delete(places[noun](key));
    print(`${titles[noun]} ${key} deleted.`);
    if (noun === 'plugin') await tellOfChannels(client, key);
  };
}

/** Where reviewers are not asked any more, and will be again with new settings. */
async function tellOfChannels(client: ApiClient, plugin: string): Promise<void> {
  const text = keptChannels(await client.get<ConnectionView[]>(paths.connections), plugin);
  if (text !== null)
    print(`${text} Until it is configured again, reviewers decide in the console or with hoop review.`);
}
