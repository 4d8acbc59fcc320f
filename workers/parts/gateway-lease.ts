/** A gateway's lease in Postgres: while it is renewed, the agents connected here count as online. */
import { hostname } from 'node:os';
import { dropGatewayLease, renewGatewayLease } from '#db/agents.ts';
import { notify } from '#db/notices.ts';
import type { Core } from '#core/context.ts';
import { version } from './version.ts';

const leaseSeconds = 15;
const renewEveryMs = 5000;

/** `onRenewed` is called after each renewal but the first: what the lease carries may have been taken meanwhile. */
export async function holdLease(
  core: Core,
  gatewayId: string,
  peerUrl: string,
  onRenewed: () => void,
): Promise<{ release(): Promise<void> }> {
  const about = { version, host: hostname() };
  const renew = () => renewGatewayLease(core.db, gatewayId, peerUrl, leaseSeconds, about);
  await renew();
  const timer = setInterval(() => {
    renew().then(onRenewed, (error: Error) => core.log.warn({ err: error }, 'the lease could not be renewed'));
  }, renewEveryMs);
  return {
    async release() {
      clearInterval(timer);
      await dropGatewayLease(core.db, gatewayId);
      await notify(core.db, { kind: 'changed', topic: 'plugins' }); // its sockets are no longer listed
    },
  };
}
