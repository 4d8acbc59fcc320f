/** Session ids as people type them: whole, or a unique beginning of at least eight characters. */
import { limits, paths } from '#shared/api-paths.ts';
import type { SessionView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { withQuery, type ApiClient } from './client.ts';
import { usageError } from './terminal.ts';

const wholeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const beginning = /^[0-9a-f]{8}[0-9a-f-]*$/;

export async function resolveSessionId(client: ApiClient, text: string): Promise<string> {
  const typed = text.trim().toLowerCase();
  if (wholeId.test(typed)) return typed;
  if (!beginning.test(typed)) {
    throw usageError(`${JSON.stringify(text)} is no session id; give it whole, or its first 8 characters or more.`);
  }
  const limit = limits.pageSize;
  const [sessions, reviews] = await Promise.all([
    client.get<SessionView[]>(withQuery(paths.sessions, { limit })),
    client.get<SessionView[]>(withQuery(paths.reviews, { state: 'all', limit })),
  ]);
  const matches = new Set([...sessions, ...reviews].map(({ id }) => id).filter((id) => id.startsWith(typed)));
  const [only] = matches;
  if (matches.size > 1) throw usageError(`${matches.size} sessions begin with ${typed}; give more of the id.`);
  if (only === undefined) {
    throw new HoopError('not_found', `None of the last ${limit} sessions begins with ${typed}; give the whole id.`);
  }
  return only;
}
