/** Terminals of whoever calls that run under a grant: each can be taken up again. */
import { paths } from '#shared/api-paths.ts';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { oneLine } from '#shared/safe-text.ts';
import { isEndState } from '#shared/session-states.ts';
import { withQuery, type ApiClient } from '../client.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { usageError } from '../terminal.ts';

/** The newest first. */
export async function listOwnTerminals(client: ApiClient, grant: string): Promise<SessionView[]> {
  const filter = { requester: 'me', kind: 'exec', grant, state: 'queued,running' };
  const running = await client.get<SessionView[]>(withQuery(paths.sessions, filter));
  return running.filter(({ terminal }) => terminal);
}

/** Throws a usage error for what is no terminal, or has ended. */
export async function findTerminal(client: ApiClient, text: string, connection?: string): Promise<SessionDetail> {
  const session = await client.get<SessionDetail>(paths.session(await resolveSessionId(client, text)));
  const id = session.id.slice(0, 8);
  if (!session.terminal) throw usageError(`${id} has no terminal; see: hoop sessions show ${id}`);
  if (connection !== undefined && connection !== session.connection) {
    throw usageError(`${id} is a terminal of ${oneLine(session.connection)}, not of ${oneLine(connection)}.`);
  }
  if (isEndState(session.state)) {
    throw usageError(`The terminal ${id} has ended (${session.state}). What was on it: hoop sessions replay ${id}`);
  }
  return session;
}
