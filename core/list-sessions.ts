/** Lists of sessions, as far as the person may see them. */
import type { ListSessionsQuery } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import type { ListReviewsQuery, ReviewCount } from '#shared/review-list-schemas.ts';
import { sessionStates, type SessionState } from '#shared/session-states.ts';
import { listOfOthers, listSessions, type SessionFilter } from '#db/session-lists.ts';
import type { SessionRow } from '#db/sessions.ts';
import { countWaitingFor } from '#db/waiting-reviews.ts';
import { findUserByEmail, type UserRow } from '#db/users.ts';
import { isAdmin, requireUser, type Context } from './context.ts';

/** Newest first. Throws `invalid_input` for a state or time that is none. */
export async function listVisibleSessions(ctx: Context, query: ListSessionsQuery): Promise<SessionRow[]> {
  const { user } = requireUser(ctx);
  const filter: SessionFilter = { limit: query.limit, ...visibleTo(user) };
  if (query.state) filter.states = parseStates(query.state);
  if (query.kind) filter.kind = query.kind;
  if (query.grant) filter.grantId = query.grant;
  if (query.connection) filter.connection = query.connection;
  if (query.requester) {
    // by id: how many are theirs decides how the list is found
    const id =
      query.requester === 'me' ? user.id : (await findUserByEmail(ctx.core.db, query.requester.toLowerCase()))?.id;
    if (id === undefined) return [];
    filter.requesterId = id;
  }
  if (query.since) filter.since = parseTime('since', query.since);
  if (query.until) filter.until = parseTime('until', query.until);
  if (query.id) filter.idBegins = query.id;
  if (query.before && isSessionId(query.before)) {
    // of a session they may not see, too: it only says where a list goes on
    filter.after = query.before;
  } else if (query.before) {
    const before = parseTime('before', query.before);
    filter.until = filter.until && filter.until < before ? filter.until : before;
  }
  return listSessions(ctx.core.db, filter);
}

/**
 * Sessions that wait or waited for a review: those the person may decide or has asked for; for admins all. What waits
 * for this very person comes first; each part of what is pending can be had alone, page by page. Throws `invalid_input`.
 */
export async function listReviews(ctx: Context, query: ListReviewsQuery): Promise<SessionRow[]> {
  const { user } = requireUser(ctx);
  const { state, part, before, limit } = query;
  if (before !== undefined && part === undefined && state !== 'decided')
    throw new HoopError('invalid_input', 'before: goes with part, or with state=decided.');
  const waitsFor = { userId: user.id, groups: user.groups, now: ctx.core.now() };
  const filter: SessionFilter = { limit, reviewed: true, ...visibleTo(user) };
  if (before !== undefined) filter.after = before;
  if (state === 'decided') filter.states = sessionStates.filter((known) => known !== 'pending');
  if (state === 'decided') return listSessions(ctx.core.db, filter);
  filter.previews = true;
  if (state === 'pending') filter.states = ['pending'];
  if (part === undefined) return listSessions(ctx.core.db, { ...filter, waitsFor });
  filter.states = ['pending'];
  if (part === 'own') return listSessions(ctx.core.db, { ...filter, requesterId: user.id });
  return listOfOthers(ctx.core.db, filter, waitsFor, part === 'mine');
}

const mostCounted = 100;

/** How many requests wait for the person, as far as it is worth counting. */
export async function countReviews(ctx: Context): Promise<ReviewCount> {
  const { user } = requireUser(ctx);
  const found = await countWaitingFor(ctx.core.db, user, ctx.core.now(), mostCounted + 1);
  return { waiting: Math.min(found, mostCounted), more: found > mostCounted };
}

function visibleTo(user: UserRow): Pick<SessionFilter, 'visibleTo'> {
  return isAdmin(user) ? {} : { visibleTo: { userId: user.id, groups: user.groups } };
}

function parseStates(text: string): SessionState[] {
  return text.split(',').map((part) => {
    const state = sessionStates.find((known) => known === part.trim());
    if (state) return state;
    throw new HoopError(
      'invalid_input',
      `state: ${JSON.stringify(part.trim())} is none; there are ${sessionStates.join(', ')}.`,
    );
  });
}

function isSessionId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function parseTime(field: string, text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new HoopError('invalid_input', `${field}: must be an ISO time, as in 2026-01-31T12:00:00Z.`);
}
