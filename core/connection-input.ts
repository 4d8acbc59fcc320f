/** What schemas cannot say about the input for a connection. */
import { limits } from '#shared/api-paths.ts';
import { isEnvName } from '#shared/env-names.ts';
import { HoopError } from '#shared/errors.ts';

export function checkArgv(command: string[] | undefined): void {
  if (command?.length === 0) throw refused('command', 'must name the program to run');
  if (command?.some((part) => part.includes('\0'))) throw refused('command', 'holds a NUL character');
}

/** The connection's own env may hold any name; only `-e` is kept from those that change how programs load. */
export function checkEnv(env: Record<string, string> | undefined, field = 'env'): void {
  const entries = Object.entries(env ?? {});
  if (entries.length > limits.envCount) throw refused(field, `must be at most ${limits.envCount} variables`);
  checkEnvNames(
    entries.map(([name]) => name),
    field,
  );
  const withNul = entries.find(([, value]) => value.includes('\0'));
  if (withNul) throw refused(`${field}.${withNul[0]}`, 'holds a NUL character');
}

export function checkEnvNames(names: string[] | undefined, field = 'allowEnv'): void {
  const wrong = names?.find((name) => !isEnvName(name));
  if (wrong === undefined) return;
  throw refused(field, `${JSON.stringify(wrong)} is no name for a variable (letters, digits and _, no digit first)`);
}

function refused(field: string, why: string): HoopError {
  return new HoopError('invalid_input', `${field}: ${why}.`);
}
