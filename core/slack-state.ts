/** How the plugin `slack` fares, for admins: `hoop admin get plugin slack` and the console show it. */
import { findPlugin, setPluginState, type PluginRow } from '#db/plugins.ts';
import type { Core } from './context.ts';
import { slackPlugin } from './slack-tokens.ts';

export type SlackState = PluginRow['state'];

/** What belongs to an older configuration changes nothing. */
export async function writeSlackState(
  core: Pick<Core, 'db'>,
  version: number,
  state: SlackState,
  problem: string | null,
): Promise<void> {
  await setPluginState(core.db, slackPlugin, version, state, problem);
}

/** The configuration itself cannot be used, e.g. as the key it was sealed with is gone. */
export async function writeSlackUnreadable(core: Pick<Core, 'db'>, problem: string): Promise<void> {
  const row = await findPlugin(core.db, slackPlugin);
  if (row) await setPluginState(core.db, slackPlugin, row.version, 'error', problem);
}
