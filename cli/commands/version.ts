import type { CommandCall } from '../definitions/define.ts';
import { printJson } from '../output.ts';
import { print } from '../terminal.ts';
import { version } from '../version.ts';

export async function versionCommand({ options }: CommandCall<{ output?: 'json' }>): Promise<void> {
  if (options.output === 'json') printJson({ version });
  else print(`hoop ${version}`);
}
