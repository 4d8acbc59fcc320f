/** The session that a path names, for who may see it. */
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';
import { findVisibleSession, type SessionRow } from '#core/visible-session.ts';
import type { UserCall } from './route.ts';

export type SessionCall = Pick<UserCall<{ id: string }, unknown, unknown>, 'ctx' | 'params' | 'identity' | 'core'>;

/** Throws `not_found`, too, for what is no id. */
export async function visibleSession({ ctx, params: { id } }: SessionCall): Promise<SessionRow> {
  if (!z.uuid().safeParse(id).success)
    throw new HoopError('not_found', 'There is no such session, or you may not see it.');
  return findVisibleSession(ctx, id.toLowerCase());
}
