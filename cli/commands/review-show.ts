import { paths } from '#shared/api-paths.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { showInvisible } from '#shared/safe-text.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printJson } from '../output.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { scriptBytes } from '../script-text.ts';
import { describeReview } from '../session-text.ts';
import { usageError } from '../terminal.ts';

export interface ReviewShowOptions {
  script?: boolean;
  output?: 'json';
}

export async function reviewShowCommand({ args, options }: CommandCall<ReviewShowOptions>): Promise<void> {
  checkArguments(args, 1, 'one session at a time');
  if (options.script && options.output) throw usageError('--script prints the script alone; give it without -o.');
  const client = signedInClient();
  const id = await resolveSessionId(client, args[0] ?? '');
  const session = await client.get<SessionDetail>(paths.session(id));
  if (options.output === 'json') return printJson(session);
  if (!options.script) return void process.stdout.write(`${describeReview(session)}\n`);
  const bytes = scriptBytes(session);
  // a file gets what the command would read, a terminal only what cannot harm it
  process.stdout.write(process.stdout.isTTY ? showInvisible(bytes.toString('utf8')) : bytes);
}
