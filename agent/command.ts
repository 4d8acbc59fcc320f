/** What exactly runs for an envelope: argv, environment, directory. Pure. */
import type { Order } from '#shared/agent-protocol.ts';
import type { Envelope } from '#shared/envelope.ts';
import type { Command } from './runner-protocol.ts';

export interface CommandBase {
  path: string;
  home: string;
  user: string;
  lang: string;
  /** Where the command starts: the user's home, or `/` when that is no directory. */
  cwd: string;
}

/** The environment starts empty; later values win: the basics, the connection's, those given with `-e`. */
export function commandOf(
  envelope: Envelope,
  { connectionEnv, runSeconds = 0 }: Pick<Order, 'connectionEnv' | 'runSeconds'>,
  base: CommandBase,
): Command {
  return {
    argv: [...envelope.connection.command, ...envelope.args],
    env: {
      PATH: base.path,
      HOME: base.home,
      USER: base.user,
      LANG: base.lang,
      TERM: envelope.terminal?.type ?? 'dumb',
      ...connectionEnv,
      ...envelope.env,
    },
    cwd: base.cwd,
    stdin: envelope.script,
    maxRuntimeSeconds: shorter(envelope.maxRuntimeSeconds, runSeconds),
    maxOutputBytes: envelope.maxOutputBytes,
    terminal: envelope.terminal,
    idleSeconds: envelope.idleSeconds,
    ...(runSeconds > 0 && { ownRuntimeSeconds: envelope.maxRuntimeSeconds }),
  };
}

/** Seconds; 0 is no limit. */
export function shorter(a: number, b: number): number {
  return a === 0 || b === 0 ? a || b : Math.min(a, b);
}
