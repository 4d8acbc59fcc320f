import { limits, paths } from '#shared/api-paths.ts';
import type { SessionView } from '#shared/api-schemas.ts';
import { sessionKinds } from '#shared/session-states.ts';
import { signedInClient, withQuery, type ApiClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments, wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { kindText } from '../session-text.ts';
import { say, usageError } from '../terminal.ts';
import { localStamp, localTime, timeOption } from '../times.ts';

export interface SessionsListOptions {
  state?: string;
  kind?: string;
  connection?: string;
  requester?: string;
  since?: string;
  until?: string;
  limit: string;
  before?: string;
  output?: 'json';
}

export async function sessionsListCommand({ args, options }: CommandCall<SessionsListOptions>): Promise<void> {
  checkArguments(args, 0, 'see hoop sessions list --help');
  const { output, limit, since, until, before, ...filters } = options;
  if (filters.kind !== undefined && !sessionKinds.some((kind) => kind === filters.kind)) {
    throw usageError(`--kind takes ${sessionKinds.join(' or ')}, not ${JSON.stringify(filters.kind)}.`);
  }
  const most = wholeNumber('--limit', limit);
  if (most === 0) throw usageError('--limit takes 1 or more.');
  const times = {
    since: since === undefined ? undefined : timeOption('--since', since),
    until: until === undefined ? undefined : timeOption('--until', until),
  };
  const client = signedInClient();
  const start = before === undefined ? undefined : await placeOf(client, before);
  const { sessions, more } = await readPages(client, { ...filters, ...times }, start, most);
  if (output === 'json') printJson(sessions);
  else if (sessions.length === 0) say('No sessions.');
  else table(sessions);
  const last = sessions.at(-1);
  if (more && last) say(`There are more: add --before ${last.id}`);
}

/** One more than asked for is read, to know whether there are more; the gateway gives a page at a time. */
async function readPages(
  client: ApiClient,
  filters: Record<string, string | undefined>,
  start: string | undefined,
  most: number,
): Promise<{ sessions: SessionView[]; more: boolean }> {
  const sessions: SessionView[] = [];
  for (let before = start; sessions.length <= most; before = sessions.at(-1)?.id) {
    const limit = Math.min(limits.pageSize, most + 1 - sessions.length);
    const page = await client.get<SessionView[]>(withQuery(paths.sessions, { ...filters, before, limit }));
    sessions.push(...page);
    if (page.length < limit) break;
  }
  return { sessions: sessions.slice(0, most), more: sessions.length > most };
}

/** A session's id, whole or its beginning, or a time. */
async function placeOf(client: ApiClient, text: string): Promise<string> {
  return /^[0-9a-f]{8}(-|[0-9a-f]*$)/i.test(text.trim())
    ? resolveSessionId(client, text)
    : timeOption('--before', text);
}

function table(sessions: SessionView[]): void {
  printTable(
    ['ID', 'STATE', 'CONNECTION', 'KIND', 'REQUESTER', 'CREATED', 'ENDED', 'EXIT'],
    sessions.map((session) => [
      session.id,
      stateText(session),
      session.connection,
      kindText(session),
      session.requester.email,
      localStamp(session.createdAt),
      localStamp(session.endedAt),
      session.exitCode === null ? '-' : String(session.exitCode),
    ]),
  );
}

function stateText({ state, activeUntil }: SessionView): string {
  return state === 'active' && activeUntil !== null ? `active until ${localTime(activeUntil)}` : state;
}
