/** Health of what runs: gateways, workers, agents, and whether they are of one release. */
import type { HealthThing } from '#shared/health-schemas.ts';
import { listAgentHealth, listGateways } from '#db/health.ts';
import { listWorkers, type WorkerRow } from '#db/workers.ts';
import type { Core } from './context.ts';
import { counted, text, time, worst, type Finding, type Measuring } from './health-part.ts';

/** A worker polls at least once a minute. */
const idleAfterMs = 90_000;
const gone = 'gone without stopping';

export async function gatewayHealth({ core }: Measuring): Promise<Finding> {
  const rows = await listGateways(core.db);
  const lost = rows.filter(({ alive }) => !alive).length;
  const things = rows.map((row): HealthThing => ({
    name: row.address,
    state: row.alive ? 'ok' : 'warning',
    summary: row.alive ? 'runs' : gone,
    facts: [
      text('Version', row.version ?? 'of a release that does not say'),
      ...(row.host ? [text('Host', row.host)] : []),
      ...time('Since', row.startedAt),
      ...time(row.alive ? 'Lease until' : 'Last heard of', row.leaseUntil),
      ...(row.alive ? [text('Agents connected', row.agents), text('Slack sockets', row.slackSockets)] : []),
    ],
  }));
  const runs = counted(rows.length - lost, 'gateway runs', 'gateways run');
  if (lost === 0) return { summary: `${runs}.`, things };
  return { state: 'warning', summary: `${runs}, ${lost} went without stopping.`, advice: ['gateway_gone'], things };
}

/** When a queue was asked for work last, by the process that asked, as Temporal names it. */
async function lastPolls({ temporal, queues }: Core): Promise<Map<string, number>> {
  const polls = new Map<string, number>();
  for (const taskQueueType of [1, 2]) {
    const { pollers } = await temporal.workflowService.describeTaskQueue({
      namespace: temporal.options.namespace,
      taskQueue: { name: taskQueueType === 1 ? queues.control : queues.slack },
      taskQueueType,
    });
    for (const { identity, lastAccessTime } of pollers ?? []) {
      const at = Number(lastAccessTime?.seconds ?? 0) * 1000;
      if (identity) polls.set(identity, Math.max(polls.get(identity) ?? 0, at));
    }
  }
  return polls;
}

export async function workerHealth({ core, withinMs }: Measuring): Promise<Finding> {
  const rows = await listWorkers(core.db);
  // should Temporal not answer, its own part says so, and the leases still tell which workers run
  const polls = await core.temporal.withDeadline(Date.now() + withinMs / 2, () => lastPolls(core)).catch(() => null);
  const things = rows.map((row) => workerThing(row, polls));
  const alive = rows.filter((row) => row.alive);
  const lost = rows.length - alive.length;
  const idle = things.filter(({ state }) => state === 'bad').length;
  const facts = polls ? [text('Task queues', `${core.queues.control}, ${core.queues.slack}`)] : [];
  if (alive.length === 0) {
    const summary = lost > 0 ? `No worker runs; ${lost} went without stopping.` : 'No worker runs.';
    return { state: 'bad', summary, advice: ['worker_none', ...(lost > 0 ? (['worker_gone'] as const) : [])], things };
  }
  const advice = [...(idle > 0 ? (['worker_idle'] as const) : []), ...(lost > 0 ? (['worker_gone'] as const) : [])];
  const more = [idle > 0 && `${idle} without work from Temporal`, lost > 0 && `${lost} went without stopping`];
  const summary = [counted(alive.length, 'worker runs', 'workers run'), ...more.filter(Boolean)].join(', ');
  return { state: worst(things.map(({ state }) => state)), summary: `${summary}.`, advice, things, facts };
}

function workerThing(row: WorkerRow, polls: Map<string, number> | null): HealthThing {
  const polled = polls?.get(`${row.pid}@${row.host}`);
  const isNew = Date.now() - row.startedAt.getTime() < idleAfterMs;
  const isIdle = polls !== null && !isNew && Date.now() - (polled ?? 0) > idleAfterMs;
  const facts = [
    text('Version', row.version),
    text('Build', row.build),
    ...time('Since', row.startedAt),
    ...(polled ? time('Asked for work', new Date(polled)) : []),
    ...time(row.alive ? 'Lease until' : 'Last heard of', row.leaseUntil),
  ];
  const name = `${row.host}, process ${row.pid}`;
  if (!row.alive) return { name, state: 'warning', summary: gone, facts };
  return isIdle
    ? { name, state: 'bad', summary: 'does not ask Temporal for work', facts }
    : { name, state: 'ok', summary: 'runs', facts };
}

export async function agentHealth({ core }: Measuring): Promise<Finding> {
  const rows = await listAgentHealth(core.db);
  if (rows.length === 0) return { state: 'warning', summary: 'There is no agent.', advice: ['agents_none'] };
  const isOnline = (row: (typeof rows)[number]): boolean => row.instances.some(({ online }) => online);
  const away = rows.filter((row) => !isOnline(row));
  // one without a connection is nobody's loss
  const missed = away.filter(({ connections }) => connections > 0);
  const instances = rows.flatMap((row) => row.instances).filter(({ online }) => online).length;
  const things = missed.slice(0, 50).map((row): HealthThing => ({
    name: row.name,
    state: 'warning',
    summary: 'offline',
    facts: [text('Connections', row.connections), ...time('Last heard of', row.lastSeenAt)],
  }));
  return {
    state: missed.length > 0 ? 'warning' : 'ok',
    summary: `${rows.length - away.length} online, ${away.length} offline.`,
    advice: missed.length > 0 ? ['agents_offline'] : [],
    facts: [text('Instances online', instances)],
    things,
  };
}

/** Parts that run now; an agent that is away is no news. */
export async function versionHealth({ core, version }: Measuring): Promise<Finding> {
  const [gateways, workers, agents] = await Promise.all([
    listGateways(core.db),
    listWorkers(core.db),
    listAgentHealth(core.db),
  ]);
  const found = new Map<string, Map<string, number>>();
  const note = (of: string | null, what: string): void => {
    const known = found.get(of ?? 'not known') ?? new Map<string, number>();
    found.set(of ?? 'not known', known.set(what, (known.get(what) ?? 0) + 1));
  };
  for (const row of gateways) if (row.alive) note(row.version, 'gateway');
  for (const row of workers) if (row.alive) note(row.version, 'worker');
  for (const { online, version: of } of agents.flatMap(({ instances }) => instances)) if (online) note(of, 'agent');
  const versions = [...found].sort(([a], [b]) => b.localeCompare(a, undefined, { numeric: true }));
  const facts = versions.map(([of, parts]) =>
    text(of, [...parts].map(([what, count]) => counted(count, what)).join(', ')),
  );
  if (versions.length <= 1) return { summary: `All that runs is hoop ${versions[0]?.[0] ?? version}.`, facts };
  const summary = `${versions.length} releases run side by side: ${versions.map(([of]) => of).join(', ')}.`;
  return { state: 'warning', summary, advice: ['versions_differ'], facts };
}
