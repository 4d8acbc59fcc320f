import { paths } from '#shared/api-paths.ts';
import { signedInClient } from '../client.ts';
import type { AdminNoun } from '../definitions/admin.ts';
import type { CommandCall, CommandRun } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { print } from '../terminal.ts';

const places: Record<AdminNoun, (key: string) => string> = {
  plugin: paths.plugin,
  user: paths.user,
  conn: paths.connection,
  agent: paths.agent,
};
const titles: Record<AdminNoun, string> = { plugin: 'Plugin', user: 'User', conn: 'Connection', agent: 'Agent' };

export function adminDeleteCommand(noun: AdminNoun): CommandRun<object> {
  return async ({ args }: CommandCall<object>) => {
    checkArguments(args, 1, 'one at a time');
    const key = args[0] ?? '';
    await signedInClient().delete(places[noun](key));
    print(`${titles[noun]} ${key} deleted.`);
  };
}
