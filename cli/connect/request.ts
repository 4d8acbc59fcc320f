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

/** Throws a usage error for what does not go together. `onTerminal`: lines are read from one. */
export function readWanted(call: CommandCall<ConnectOptions>, onTerminal: boolean): Wanted {
  const { args, options, afterDashes } = call;
  const [connection] = args;
  if (connection === undefined) throw usageError('connect needs a connection: hoop connect <connection>');
  const noArguments = 'connect takes commands from standard input, and hoop exec those of the command line';
  checkArguments(args, 1, noArguments);
  if (afterDashes !== null) throw usageError(`unexpected --; ${noArguments}`);
  if (options.extend && options.env) throw usageError('--extend keeps the variables of the grant; give it without -e.');
  if (options.output === 'json' && onTerminal && !options.extend) {
    throw usageError('-o json tells of one run, of the script on standard input; here that is a terminal.');
  }
  return {
    connection,
    env: options.env && readEnv(options.env),
    durationSeconds: options.duration === undefined ? undefined : durationOption('--duration', options.duration),
    reason: options.reason,
  };
}

/** `grant`: the one to extend. */
export function grantRequest({ connection, env, durationSeconds, reason }: Wanted, grant?: string): SessionRequest {
  const named = { ...(env && { env }), ...(grant !== undefined && { grant }) };
  return { id: randomUUID(), connection, kind: 'connect', ...named, duration: durationSeconds, reason };
}
