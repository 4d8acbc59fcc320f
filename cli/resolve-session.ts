/** Session ids as people type them: whole, or a unique beginning of at least eight characters. */
import { paths } from '#shared/api-paths.ts';
import type { SessionView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { withQuery, type ApiClient } from './client.ts';
import { usageError } from './terminal.ts';

const wholeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const beginning = /^[0-9a-f]{8}[0-9a-f-]{0,27}$/;

/** Throws a usage error for what is no id or begins several, `not_found` for what begins none. */
export async function resolveSessionId(client: ApiClient, text: string): Promise<string> {
  const typed = text.trim().toLowerCase();
  if (wholeId.test(typed)) return typed;
  if (!beginning.test(typed)) {
    throw usageError(`${JSON.stringify(text)} is no session id; give it whole, or its first 8 characters or more.`);
  }
  const found = await client.get<SessionView[]>(withQuery(paths.sessions, { id: typed, limit: 2 }));
  const matches = found.map(({ id }) => id).filter((id) => id.startsWith(typed));
  const [only] = matches;
  if (only === undefined) {
    throw new HoopError('not_found', `No session that you may see begins with ${typed}.`);
  }
  if (matches.length > 1) throw usageError(`Several sessions begin with ${typed}; give more of the id.`);
  return only;
}
