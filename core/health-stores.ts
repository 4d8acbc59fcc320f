/** Health of what hoop stands on: Postgres and Temporal. */
import { postgresFacts } from '#db/health.ts';
import type { Core } from './context.ts';
import { bytes, text, worst, type Finding, type Measuring } from './health-part.ts';

const slowMs = 250;
const fullShare = 0.9;

export async function postgresHealth({ core }: Measuring): Promise<Finding> {
  const tookMs = await roundTrip(core.db);
  const { version, database, bytes: size, connections, maxConnections } = await postgresFacts(core.db);
  const isSlow = tookMs > slowMs;
  const isFull = connections > maxConnections * fullShare;
  return {
    state: worst([isSlow ? 'warning' : 'ok', isFull ? 'warning' : 'ok']),
    summary: `Answers in ${tookMs < 10 ? tookMs.toFixed(1) : Math.round(tookMs)} ms.`,
    advice: [...(isSlow ? (['postgres_slow'] as const) : []), ...(isFull ? (['postgres_connections'] as const) : [])],
    facts: [
      text('Version', version),
      text('Database', database),
      bytes('Size', size),
      text('Connections', `${connections} of ${maxConnections}`),
    ],
  };
}

/** The best of three over one connection, so that waiting for a connection, or for this process, does not count. */
async function roundTrip(db: Core['db']): Promise<number> {
  const client = await db.connect();
  try {
    let best = Infinity;
    for (let n = 0; n < 3; n++) {
      const began = performance.now();
      await client.query('select 1');
      best = Math.min(best, performance.now() - began);
    }
    return best;
  } finally {
    client.release();
  }
}

export async function temporalHealth({ core, withinMs }: Measuring): Promise<Finding> {
  const { temporal, temporalAddress, temporalUiUrl } = core;
  const { namespace } = temporal.options;
  const began = performance.now();
  const info = await temporal.withDeadline(Date.now() + withinMs, async () => {
    await temporal.workflowService.describeNamespace({ namespace });
    return temporal.workflowService.getSystemInfo({});
  });
  const tookMs = Math.round(performance.now() - began);
  return {
    summary: `Answers in ${tookMs} ms.`,
    facts: [
      ...(temporalAddress ? [text('Address', temporalAddress)] : []),
      text('Namespace', namespace),
      ...(info.serverVersion ? [text('Version', info.serverVersion)] : []),
    ],
    link: temporalUiUrl,
  };
}
