/**
 * Slack takes ten Socket Mode connections an app (https://docs.slack.dev/apis/events-api/using-socket-mode), so the
 * replicas of the gateway lease them in Postgres. A replica takes two at once or none, and only while one stays free
 * beside them: that one is for a connection that has to be there before the one it replaces goes.
 */
import { socketsAnApp } from '#shared/plugin-parts.ts';
import { notify } from '#db/notices.ts';
import { inTransaction, type Queryable } from '#db/pool.ts';
import {
  deleteSockets,
  freeExpiredSockets,
  insertSockets,
  lockSlackSockets,
  msToNextLeaseEnd,
  takenSlots,
} from '#db/slack-sockets.ts';
import type { Core } from './context.ts';

export const socketsAReplica = 2;
const spare = 1;

export interface SocketHolder {
  gatewayId: string;
  appId: string;
}

export type Taken =
  | { slots: number[] }
  /** All are held; the first of those leases ends in so many ms, unless it is renewed. */
  | { slots: null; leaseEndsInMs: number | null };

type SocketsCore = Pick<Core, 'db'>;

/** The two connections of a replica. */
export function takeSockets(core: SocketsCore, holder: SocketHolder): Promise<Taken> {
  return take(core, holder, socketsAReplica, spare);
}

/** One more, for a connection that replaces another; null when all ten are held. */
export async function takeSpareSocket(core: SocketsCore, holder: SocketHolder): Promise<number | null> {
  const { slots } = await take(core, holder, 1, 0);
  return slots?.[0] ?? null;
}

async function take({ db }: SocketsCore, holder: SocketHolder, count: number, leave: number): Promise<Taken> {
  const { appId, gatewayId } = holder;
  return inTransaction(db, async (tx): Promise<Taken> => {
    await lockSlackSockets(tx);
    if (await freeExpiredSockets(tx, appId)) await announce(tx, appId);
    const taken = new Set((await takenSlots(tx, appId)).map(({ slot }) => slot));
    const free = Array.from({ length: socketsAnApp }, (_, n) => n + 1).filter((slot) => !taken.has(slot));
    const slots = free.slice(0, count);
    if (free.length >= count + leave && (await insertSockets(tx, appId, gatewayId, slots))) return { slots };
    return { slots: null, leaseEndsInMs: await msToNextLeaseEnd(tx, appId) };
  });
}

/** Whoever waits for a connection hears of it. */
export async function releaseSockets({ db }: SocketsCore, holder: SocketHolder, slots: number[]): Promise<void> {
  if (slots.length === 0) return;
  await inTransaction(db, async (tx) => {
    if (await deleteSockets(tx, holder.appId, holder.gatewayId, slots)) await announce(tx, holder.appId);
  });
}

/** The slots that are still the replica's own: after its lease ran out, others may have taken them. */
export async function ownSockets({ db }: SocketsCore, { appId, gatewayId }: SocketHolder): Promise<Set<number>> {
  const taken = await takenSlots(db, appId);
  return new Set(taken.filter((row) => row.gatewayId === gatewayId).map(({ slot }) => slot));
}

const announce = (tx: Queryable, appId: string): Promise<void> => notify(tx, { kind: 'slack_sockets', appId });
