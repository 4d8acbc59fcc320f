import { paths } from '#shared/api-paths.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printJson } from '../output.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { describeSession } from '../session-text.ts';

export async function sessionShowCommand({ args, options }: CommandCall<{ output?: 'json' }>): Promise<void> {
  checkArguments(args, 1, 'one session at a time');
  const client = signedInClient();
  const id = await resolveSessionId(client, args[0] ?? '');
  const session = await client.get<SessionDetail>(paths.session(id));
  if (options.output === 'json') printJson(session);
  else process.stdout.write(`${describeSession(session)}\n`);
}
