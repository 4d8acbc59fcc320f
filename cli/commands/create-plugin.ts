import { paths } from '#shared/api-paths.ts';
import type { ConnectionView, PluginView } from '#shared/api-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { keptChannels } from '../kept-channels.ts';
import { checkArguments, keyValues } from '../options.ts';
import { printJson } from '../output.ts';
import { print } from '../terminal.ts';
import { readValues } from '../values.ts';

export interface CreatePluginOptions {
  config?: string[];
  overwrite?: boolean;
  output?: 'json';
}

export async function createPluginCommand({ args, options }: CommandCall<CreatePluginOptions>): Promise<void> {
  checkArguments(args, 1, 'settings are given with --config KEY=VAL');
  const [name = ''] = args;
  const config = readValues(keyValues('--config', options.config ?? []));
  const client = signedInClient();
  // Slack is asked whether the tokens are good before the answer comes.
  const plugin = await client.put<PluginView>(paths.plugin(name), {
    config,
    overwrite: options.overwrite ?? false,
  });
  if (options.output === 'json') return printJson(plugin);
  const team = plugin.team ? ` in ${plugin.team.name}` : '';
  print(`Plugin ${plugin.name} saved${team} (${plugin.state}).`);
  const channels = options.overwrite ? null : keptChannels(await client.get<ConnectionView[]>(paths.connections), name);
  if (channels !== null) print(channels);
}
