import { paths } from '#shared/api-paths.ts';
import { exitCodes } from '#shared/errors.ts';
import { healthTitles } from '#shared/health-titles.ts';
import type { HealthPart, HealthView } from '#shared/health-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { print, say } from '../terminal.ts';

/** Status 70 when a part is not `ok`. */
export async function healthCommand({ args, options }: CommandCall<{ output?: 'json' }>): Promise<number> {
  checkArguments(args, 0, 'see hoop admin health --help');
  const health = await signedInClient().get<HealthView>(paths.health);
  if (options.output === 'json') printJson(health);
  else show(health.parts);
  if (health.state === 'ok') return exitCodes.ok;
  const unwell = health.parts.filter(({ state }) => state !== 'ok').map(titleOf);
  say(`hoop: not all is well: ${unwell.join(', ')}.`);
  return exitCodes.failed;
}

/** A newer gateway may have parts that are not known here. */
const titleOf = ({ part }: HealthPart): string => healthTitles[part] ?? part;

/** Below each part what is wrong in it, and below all what to do. */
function show(parts: HealthPart[]): void {
  const rows = parts.flatMap((part) => [
    [titleOf(part), part.state, part.summary],
    ...part.things.flatMap(({ name, state, summary }) => (state === 'ok' ? [] : [[`- ${name}`, state, summary]])),
  ]);
  printTable(['PART', 'STATE', 'SUMMARY'], rows);
  for (const part of parts) for (const sentence of part.advice) print(`\n${titleOf(part)}: ${sentence}`);
}
