import { paths } from '#shared/api-paths.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall, CommandRun } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printJson } from '../output.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { print } from '../terminal.ts';

export interface EndOptions {
  reason?: string;
  output?: 'json';
}

/** `sessions cancel` and `sessions revoke`. */
export function sessionsEndCommand(verb: 'cancel' | 'revoke'): CommandRun<EndOptions> {
  return async ({ args, options }: CommandCall<EndOptions>) => {
    checkArguments(args, 1, 'one session at a time');
    const client = signedInClient();
    const id = await resolveSessionId(client, args[0] ?? '');
    const body = options.reason === undefined ? {} : { reason: options.reason };
    const session = await client.post<SessionDetail>(paths[verb](id), body);
    if (options.output === 'json') return printJson(session);
    // The answer says that it will end; the command itself may take a moment to stop.
    const wasActive = session.kind === 'connect' && session.activeUntil !== null;
    if (verb === 'cancel' && wasActive) return print(`Grant ${id} is ${session.endedAt ? '' : 'being '}given back.`);
    const done = verb === 'cancel' ? 'cancelled' : 'revoked';
    print(session.state === done ? `Session ${id} is ${done}.` : `Session ${id} is being ${done}.`);
  };
}
