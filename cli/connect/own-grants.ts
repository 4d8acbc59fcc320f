/** Grants that whoever calls has already, or has asked for: one that serves is not asked for again. */
import { paths } from '#shared/api-paths.ts';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { withQuery, type ApiClient } from '../client.ts';
import { retrying } from '../exec/retry.ts';
import type { Wanted } from './request.ts';
import { envDiffersText, durationDiffersText } from './words.ts';

const triesMs = 10_000;
const statesInOrder = ['active', 'approved', 'pending'] as const;

export interface OwnGrant {
  /** Null: a new one has to be asked for. */
  view: SessionView | null;
  /** Why another that is there does not serve. */
  why: string | null;
  /** Of the variables that it sets, where none were asked for. */
  variables: string[];
}

/** The newest that serves, what is active before what waits. `refused`: ids of those that the gateway opens no more. */
export async function findOwnGrant(
  client: ApiClient,
  wanted: Wanted,
  refused: ReadonlySet<string> = new Set(),
): Promise<OwnGrant> {
  const open = await listOwn(client, { connection: wanted.connection, state: statesInOrder.join(',') });
  const grants = open.filter(({ id, grant }) => grant === null && !refused.has(id));
  let why: string | null = null;
  for (const state of statesInOrder) {
    for (const view of grants.filter((grant) => grant.state === state)) {
      const difference = await differenceOf(client, view, wanted);
      if (difference === null) return { view, why: null, variables: await unasked(client, view, wanted) };
      why ??= difference;
    }
  }
  return { view: null, why, variables: [] };
}

async function unasked(client: ApiClient, { id }: SessionView, { env }: Wanted): Promise<string[]> {
  if (env !== undefined) return [];
  const { envelope } = await client.get<SessionDetail>(paths.session(id));
  return Object.keys(envelope.env);
}

export async function findActiveGrant(client: ApiClient, connection: string): Promise<SessionView | undefined> {
  const active = await listOwn(client, { connection, state: 'active' });
  return active.find(({ grant }) => grant === null);
}

/** An extension of that grant which still waits, for as long as is asked for now. */
export async function findExtension(
  client: ApiClient,
  grant: string,
  wanted: Wanted,
): Promise<Pick<OwnGrant, 'view' | 'why'>> {
  const waiting = await listOwn(client, { grant, state: 'pending,approved' });
  const { durationSeconds } = wanted;
  const view = waiting.find(({ duration }) => durationSeconds === undefined || duration === durationSeconds) ?? null;
  const other = view === null ? waiting[0] : undefined;
  return { view, why: other ? durationDiffersText(other) : null };
}

function listOwn(client: ApiClient, filter: Record<string, string>): Promise<SessionView[]> {
  const path = withQuery(paths.sessions, { requester: 'me', kind: 'connect', ...filter });
  return retrying(() => client.get<SessionView[]>(path), { forMs: triesMs });
}

/** An active grant lasts as long as it does; --extend changes that. */
async function differenceOf(client: ApiClient, view: SessionView, wanted: Wanted): Promise<string | null> {
  const { durationSeconds, env } = wanted;
  if (view.state !== 'active' && durationSeconds !== undefined && view.duration !== durationSeconds) {
    return durationDiffersText(view);
  }
  if (env === undefined) return null;
  const { envelope } = await client.get<SessionDetail>(paths.session(view.id));
  return isSame(envelope.env, env) ? null : envDiffersText(view);
}

function isSame(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}
