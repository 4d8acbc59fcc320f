/** What exactly runs for an envelope: argv, environment, directory, user. */
import { statSync } from 'node:fs';
import type { Order } from '#shared/agent-protocol.ts';
import type { Envelope } from '#shared/envelope.ts';
import type { MachineUser } from './machine-user.ts';
import type { Command } from './runner-protocol.ts';

export interface CommandBase {
  path: string;
  home: string;
  user: string;
  lang: string;
  /** Where the command starts: the user's home, or `/` when that is no directory. */
  cwd: string;
  /** Whom it runs as; undefined: the user of the agent. */
  as?: Command['user'];
}

/** The base of commands that run as `user`; `ownUid`: of the agent. */
export function baseAs(base: CommandBase, user: MachineUser, ownUid: number): CommandBase {
  const { uid, gid, groups, home, name } = user;
  const cwd = statSync(home, { throwIfNoEntry: false })?.isDirectory() === true ? home : '/';
  return { ...base, home, cwd, user: name, ...(uid !== ownUid && { as: { uid, gid, groups } }) };
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
      ...(envelope.runAs !== undefined && { LOGNAME: base.user }),
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
    ...(base.as && { user: base.as }),
    ...(runSeconds > 0 && { ownRuntimeSeconds: envelope.maxRuntimeSeconds }),
  };
}

/** Seconds; 0 is no limit. */
export function shorter(a: number, b: number): number {
  return a === 0 || b === 0 ? a || b : Math.min(a, b);
}
