import type { ListenAddress } from '#config/environment.ts';
import type { SupervisorConfig } from '#config/supervisor.ts';
import {
  agentEnvironment,
  gatewayEnvironment,
  sandboxEnvironment,
  serverEnvironment,
  type Addresses,
  type Stores,
} from './environment.ts';
import type { Part } from './keeper.ts';
import type { Logs } from './logs.ts';
import { startNodeChild, type ReadyDetails } from './node-child.ts';
import { choosePort } from './ports.ts';
import { preparePlace } from './postgres/place.ts';
import { startPostgres, type PostgresServer } from './postgres/server.ts';
import type { ProcessRecords } from './records.ts';
import { keptSecret, readSecret } from './secrets.ts';
import { startTemporal, type TemporalServer } from './temporal/dev-server.ts';
import { findTemporal } from './temporal/find-temporal.ts';

/** What every part needs. */
export interface Surroundings {
  config: SupervisorConfig;
  logs: Logs;
  records: ProcessRecords;
  say: (line: string) => void;
  /** Breaks off what takes long in the start: a download, a build. */
  abort: AbortController;
}

/** A port is chosen once: a part that is started again comes back where everybody knows it. */
function chosenOnce(part: string, variable: string, wanted: number): () => Promise<number> {
  let chosen: Promise<number> | undefined;
  return () => (chosen ??= choosePort(part, variable, wanted));
}

export function postgresPart({ config, logs, records }: Surroundings): Part<PostgresServer> {
  const port = chosenOnce('PostgreSQL', 'HOOP_POSTGRES_PORT', config.postgresPort);
  return {
    name: 'postgres',
    title: 'PostgreSQL',
    start: async () => {
      const server = await startPostgres({
        place: await preparePlace(config.paths.home),
        port: await port(),
        password: await keptSecret(config.paths.postgresPassword, 'base64url'),
        log: logs.openFor('postgres'),
        onSpawn: (identity) => records.note('postgres', identity),
        env: testTag(config),
      });
      return { child: server.child, details: server, stop: server.stop };
    },
  };
}

/** What test runs mark their processes with travels on, so that a leftover is found. */
function testTag({ env }: SupervisorConfig): Record<string, string> {
  return env.HOOP_TEST_RUN ? { HOOP_TEST_RUN: env.HOOP_TEST_RUN } : {};
}

export function temporalPart({ config, logs, records, say, abort }: Surroundings): Part<TemporalServer> {
  const port = chosenOnce('Temporal', 'HOOP_TEMPORAL_PORT', config.temporalPort);
  const uiPort = chosenOnce("Temporal's web page", 'HOOP_TEMPORAL_UI_PORT', config.temporalUiPort);
  return {
    name: 'temporal',
    title: 'Temporal',
    start: async () => {
      const [chosenPort, chosenUiPort] = [await port(), await uiPort()];
      const server = await startTemporal({
        program: await findTemporal({ env: config.env, cacheFolder: config.cacheFolder, say, signal: abort.signal }),
        port: chosenPort,
        uiPort: chosenUiPort,
        databaseFile: config.paths.temporalDatabase,
        log: logs.openFor('temporal'),
        env: config.env,
        onSpawn: (identity) => records.note('temporal', identity),
      });
      return { child: server.child, details: server, stop: server.stop };
    },
  };
}

export function sandboxPart(surroundings: Surroundings): Part<ReadyDetails> {
  const { config } = surroundings;
  const port = chosenOnce('the Slack sandbox', 'HOOP_SANDBOX_PORT', config.sandboxPort);
  return nodePart(surroundings, 'sandbox', 'The Slack sandbox', {
    env: async () => sandboxEnvironment(config, await port()),
    graceMs: 2_000,
  });
}

/** The gateway's address: its port is chosen before it starts, since the worker links to it too. */
export async function chooseListen({ config }: Surroundings): Promise<ListenAddress> {
  const { host, port } = config.listen;
  return { host, port: await choosePort('the gateway', 'HOOP_LISTEN', port, host) };
}

export function gatewayPart(surroundings: Surroundings, stores: Stores, addresses: Addresses): Part<ReadyDetails> {
  return nodePart(surroundings, 'gateway', 'The gateway', {
    env: async () => gatewayEnvironment(surroundings.config, stores, addresses),
    graceMs: 2_500,
  });
}

export function workerPart(surroundings: Surroundings, stores: Stores, addresses: Addresses): Part<ReadyDetails> {
  return nodePart(surroundings, 'worker', 'The worker', {
    env: async () => serverEnvironment(surroundings.config, stores, addresses),
    graceMs: 2_500,
  });
}

export function agentPart(surroundings: Surroundings, gatewayUrl: string): Part<ReadyDetails> {
  const { config } = surroundings;
  return nodePart(surroundings, 'agent', 'The agent', {
    env: async () => agentEnvironment(config, gatewayUrl, await readSecret(config.paths.agentToken)),
    graceMs: 4_500,
    // hoop is one thing here: commands that are running end with it.
    farewell: { type: 'shutdown', stopCommands: true },
  });
}

interface NodePartOptions {
  env: () => Promise<NodeJS.ProcessEnv>;
  graceMs: number;
  farewell?: Record<string, unknown>;
}

function nodePart(
  { logs, records }: Surroundings,
  name: string,
  title: string,
  { env, graceMs, farewell }: NodePartOptions,
): Part<ReadyDetails> {
  return {
    name,
    title,
    start: async () =>
      startNodeChild({
        name,
        env: await env(),
        log: logs.openFor(name),
        graceMs,
        farewell,
        onSpawn: (identity) => records.note(name, identity),
      }),
  };
}
