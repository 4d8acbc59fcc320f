/** What the command line of `hoop connect` asks for. */
import { randomUUID } from 'node:crypto';
import type { CommandCall } from '../definitions/define.ts';
import { readEnv, type SessionRequest } from '../exec/request.ts';
import { checkArguments, durationOption } from '../options.ts';
import { usageError } from '../terminal.ts';

export interface ConnectOptions {
  duration?: string;
  env?: string[];
  reason?: string;
  extend?: boolean;
  terminal?: string;
  output?: 'json';
  silent?: boolean;
}

/** What is undefined was not named: an earlier grant serves whatever it has there. */
export interface Wanted {
  connection: string;
  env: Record<string, string> | undefined;
  durationSeconds: number | undefined;
  reason: string | undefined;
}

/** Throws a usage error for what does not go together. `onTerminal`: what is typed comes from one. */
export function readWanted(call: CommandCall<ConnectOptions>, onTerminal: boolean): Wanted {
  const { args, options } = call;
  const [connection] = args;
  if (connection === undefined) throw usageError('connect needs a connection: hoop connect <connection>');
  checkOperands(call);
  if (options.extend && options.env) throw usageError('--extend keeps the variables of the grant; give it without -e.');
  if (onTerminal && !options.extend) checkTerminal(options);
  return {
    connection,
    env: options.env && readEnv(options.env),
    durationSeconds: options.duration === undefined ? undefined : durationOption('--duration', options.duration),
    reason: options.reason,
  };
}

/** Of `--terminal`: its connection, where one is named. Throws a usage error for what does not go with it. */
export function readTakenUp(call: CommandCall<ConnectOptions>, onTerminal: boolean): string | undefined {
  const { args, options } = call;
  checkOperands(call);
  for (const name of ['duration', 'env', 'reason', 'extend'] as const) {
    if (options[name] !== undefined) throw usageError(`--terminal takes up what runs; give it without --${name}.`);
  }
  if (!onTerminal) throw usageError('--terminal takes up a terminal, and standard input is none.');
  checkTerminal(options);
  return args[0];
}

function checkOperands({ args, afterDashes }: CommandCall<ConnectOptions>): void {
  const noArguments = 'connect takes commands from standard input, and hoop exec those of the command line';
  checkArguments(args, 1, noArguments);
  if (afterDashes !== null) throw usageError(`unexpected --; ${noArguments}`);
}

/** A terminal is two-way: what is typed on one has to be seen on it. */
function checkTerminal({ output }: ConnectOptions): void {
  if (output === 'json') {
    throw usageError('-o json tells of one run, of the script on standard input; here that is a terminal.');
  }
  if (process.stdout.isTTY) return;
  throw usageError(
    'a terminal is opened here, and standard output is none. To keep the output of commands, pipe them in: ' +
      "echo 'df -h' | hoop connect <connection> > file",
  );
}

/** `grant`: the one to extend. */
export function grantRequest({ connection, env, durationSeconds, reason }: Wanted, grant?: string): SessionRequest {
  const named = { ...(env && { env }), ...(grant !== undefined && { grant }) };
  return { id: randomUUID(), connection, kind: 'connect', ...named, duration: durationSeconds, reason };
}
