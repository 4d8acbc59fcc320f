/** A worker's lease in Postgres: whoever looks after hoop sees which workers run, and which went without stopping. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Core } from '#core/context.ts';
import { dropWorkerLease, renewWorkerLease } from '#db/workers.ts';

const leaseSeconds = 15;
const renewEveryMs = 5000;

/** Nothing depends on it but what people are shown, so a Postgres that is away holds up nothing. */
export function holdWorkerLease(
  core: Core,
  about: { pid: number; version: string; build: string },
): { release(): Promise<void> } {
  const worker = { id: randomUUID(), host: hostname(), ...about };
  let renewing: Promise<void> | undefined;
  const renew = (): void => {
    renewing ??= renewWorkerLease(core.db, worker, leaseSeconds)
      .catch((error: Error) => core.log.warn({ err: error }, 'the lease of this worker could not be renewed'))
      .finally(() => (renewing = undefined));
  };
  renew();
  const timer = setInterval(renew, renewEveryMs);
  return {
    async release() {
      clearInterval(timer);
      await renewing;
      await dropWorkerLease(core.db, worker.id).catch((error: Error) =>
        core.log.warn({ err: error }, 'the lease of this worker could not be given up; it shows until it is over'),
      );
    },
  };
}
