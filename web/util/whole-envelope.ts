/** How much of a request a dialog can show whole. What is longer is read on its page before anybody approves it. */
import type { SessionDetail } from '#shared/api-schemas.ts';

const most = { lines: 14, characters: 1200, variables: 6 } as const;

export function fitsDialog({ kind, envelope, reason }: SessionDetail): boolean {
  const { command, args, script, scriptEncoding, env, connectionEnvNames } = envelope;
  const input = kind === 'connect' ? '' : script;
  if (input !== '' && scriptEncoding !== 'utf8') return false;
  const words = [...command, ...args, ...Object.entries(env).flat(), ...connectionEnvNames];
  const characters = words.reduce((sum, word) => sum + word.length + 1, input.length + reason.length);
  const lines = words.length > 30 ? most.lines + 1 : `${input}\n${reason}`.split('\n').length;
  return (
    lines <= most.lines &&
    characters <= most.characters &&
    Object.keys(env).length + connectionEnvNames.length <= most.variables
  );
}
