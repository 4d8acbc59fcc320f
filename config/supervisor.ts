/** Configuration of `hoop start`, parsed once at start. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';
import { listenAddress, optional, port, readEnvironment, type ListenAddress } from './environment.ts';
import { homePaths, hoopHome, type HomePaths } from './home.ts';

export interface SupervisorConfig {
  paths: HomePaths;
  isDefaultHome: boolean;
  /** A PostgreSQL of the user's own; undefined means embedded. */
  databaseUrl?: string;
  /** The user has a Temporal of their own (TEMPORAL_ADDRESS or a profile); otherwise it is embedded. */
  ownTemporal: boolean;
  postgresPort: number;
  temporalPort: number;
  temporalUiPort: number;
  listen: ListenAddress;
  /** 'auto' runs it unless a real Slack is configured. */
  sandbox: 'auto' | 'off';
  sandboxPort: number;
  /** The user's own key for sealing; undefined means one generated in the home. */
  secretKey?: string;
  /** For programs that are downloaded or built, shared by all homes. */
  cacheFolder: string;
  /** What the processes inherit. */
  env: NodeJS.ProcessEnv;
}

const text = optional(z.string());

const schema = z.object({
  DATABASE_URL: text,
  TEMPORAL_ADDRESS: text,
  TEMPORAL_PROFILE: text,
  HOOP_POSTGRES_PORT: port(5439),
  HOOP_TEMPORAL_PORT: port(7233),
  HOOP_TEMPORAL_UI_PORT: port(8233),
  HOOP_SANDBOX_PORT: port(8010),
  HOOP_SANDBOX: optional(z.enum(['on', 'auto', 'off'], "must be 'off', or left out")).transform((value) =>
    value === 'off' ? ('off' as const) : ('auto' as const),
  ),
  HOOP_LISTEN: listenAddress,
  HOOP_SECRET_KEY: text,
  XDG_CACHE_HOME: text,
});

export function parseSupervisorConfig(env: NodeJS.ProcessEnv = process.env): SupervisorConfig {
  const values = readEnvironment(schema, env, 'hoop start');
  refuseSharedPorts({
    HOOP_LISTEN: values.HOOP_LISTEN.port,
    HOOP_POSTGRES_PORT: values.HOOP_POSTGRES_PORT,
    HOOP_TEMPORAL_PORT: values.HOOP_TEMPORAL_PORT,
    HOOP_TEMPORAL_UI_PORT: values.HOOP_TEMPORAL_UI_PORT,
    HOOP_SANDBOX_PORT: values.HOOP_SANDBOX_PORT,
  });
  return {
    paths: homePaths(hoopHome(env)),
    isDefaultHome: hoopHome(env) === hoopHome({}),
    databaseUrl: values.DATABASE_URL,
    ownTemporal: Boolean(values.TEMPORAL_ADDRESS || values.TEMPORAL_PROFILE),
    postgresPort: values.HOOP_POSTGRES_PORT,
    temporalPort: values.HOOP_TEMPORAL_PORT,
    temporalUiPort: values.HOOP_TEMPORAL_UI_PORT,
    listen: values.HOOP_LISTEN,
    sandbox: values.HOOP_SANDBOX,
    sandboxPort: values.HOOP_SANDBOX_PORT,
    secretKey: values.HOOP_SECRET_KEY,
    cacheFolder: join(values.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hoop'),
    env,
  };
}

function refuseSharedPorts(ports: Record<string, number>): void {
  const byPort = new Map<number, string>();
  for (const [name, number] of Object.entries(ports)) {
    const other = number === 0 ? undefined : byPort.get(number);
    if (other) throw new HoopError('invalid_input', `${other} and ${name} are both ${number}: give each its own port.`);
    byPort.set(number, name);
  }
}

/** The sandbox lets anyone click as anyone, so it runs only while nobody else can reach hoop. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
