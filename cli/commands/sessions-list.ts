import { paths } from '#shared/api-paths.ts';
import type { SessionView } from '#shared/api-schemas.ts';
import { signedInClient, withQuery } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments, wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { say } from '../terminal.ts';
import { localStamp } from '../times.ts';

export interface SessionsListOptions {
  state?: string;
  connection?: string;
  requester?: string;
  limit: string;
  before?: string;
  output?: 'json';
}

export async function sessionsListCommand({ args, options }: CommandCall<SessionsListOptions>): Promise<void> {
  checkArguments(args, 0, 'see hoop sessions list --help');
  const { output, limit, ...filters } = options;
  const query = { ...filters, limit: wholeNumber('--limit', limit) };
  const sessions = await signedInClient().get<SessionView[]>(withQuery(paths.sessions, query));
  if (output === 'json') return printJson(sessions);
  if (sessions.length === 0) return say('No sessions.');
  printTable(
    ['ID', 'STATE', 'CONNECTION', 'REQUESTER', 'CREATED', 'EXIT'],
    sessions.map((session) => [
      session.id,
      session.state,
      session.connection,
      session.requester.email,
      localStamp(session.createdAt),
      session.exitCode === null ? '-' : String(session.exitCode),
    ]),
  );
}
