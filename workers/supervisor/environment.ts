import { formatListen, type ListenAddress } from '#config/environment.ts';
import type { SupervisorConfig } from '#config/supervisor.ts';

type Environment = NodeJS.ProcessEnv;

export interface EmbeddedTemporal {
  address: string;
  /** Client configuration that names the embedded server and nothing else. */
  configFile: string;
}

/** What gateway and worker need to reach the stores. */
export interface Stores {
  databaseUrl: string;
  /** Undefined where the user's own configuration stands. */
  embeddedTemporal?: EmbeddedTemporal;
  /** The embedded Temporal's page, for links. */
  temporalUiUrl?: string;
  secretKey: string;
}

export interface Addresses {
  listen: ListenAddress;
  /** Undefined while the sandbox is out. */
  sandboxUrl?: string;
}

/** Names that give access to something of hoop's: the parts that must not hold it do not inherit it either. */
const credentials =
  /^(DATABASE_URL|PG[A-Z]+|TEMPORAL_.*|HOOP_SECRET_KEY|HOOP_TOKEN|HOOP_API_URL|HOOP_AGENT_TOKEN|SLACK_.*TOKEN)$/;

function withoutCredentials(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !credentials.test(name)));
}

/** The agent holds no Temporal or database credential, and its gateway is the one beside it. */
export function agentEnvironment(config: SupervisorConfig, gatewayUrl: string, token?: string): Environment {
  return {
    ...withoutCredentials(config.env),
    HOOP_HOME: config.paths.home,
    HOOP_GATEWAY_URL: gatewayUrl,
    ...(token ? { HOOP_AGENT_TOKEN: token } : {}),
  };
}

export function sandboxEnvironment(config: SupervisorConfig, port: number): Environment {
  return { ...withoutCredentials(config.env), HOOP_HOME: config.paths.home, HOOP_SANDBOX_PORT: String(port) };
}

/** Gateway and worker: the worker needs the addresses too, for the links in what it posts. */
export function serverEnvironment(config: SupervisorConfig, stores: Stores, addresses: Addresses): Environment {
  const { listen, sandboxUrl } = addresses;
  return {
    ...withoutHoopClient(config.env),
    HOOP_HOME: config.paths.home,
    DATABASE_URL: stores.databaseUrl,
    HOOP_SECRET_KEY: stores.secretKey,
    HOOP_LISTEN: formatListen(listen),
    HOOP_PUBLIC_URL: config.env.HOOP_PUBLIC_URL || `http://${formatListen(listen)}`,
    ...temporalEnvironment(stores.embeddedTemporal),
    ...(stores.temporalUiUrl ? { HOOP_TEMPORAL_UI_URL: stores.temporalUiUrl } : {}),
    HOOP_SANDBOX_URL: sandboxUrl,
  };
}

/** An empty database gets the admin, the agent and the examples of a first run. */
export function gatewayEnvironment(config: SupervisorConfig, stores: Stores, addresses: Addresses): Environment {
  return { ...serverEnvironment(config, stores, addresses), HOOP_FIRST_RUN: 'embedded' };
}

/** The CLI's own settings may point at another hoop. */
function withoutHoopClient(env: Environment): Environment {
  const { HOOP_TOKEN, HOOP_API_URL, HOOP_AGENT_TOKEN, ...rest } = env;
  return rest;
}

/** A profile of the user's Temporal configuration must not add TLS or a key to the embedded server's address. */
function temporalEnvironment(embedded: EmbeddedTemporal | undefined): Environment {
  if (!embedded) return {};
  return {
    TEMPORAL_ADDRESS: embedded.address,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: embedded.configFile,
    TEMPORAL_PROFILE: undefined,
    TEMPORAL_API_KEY: undefined,
    TEMPORAL_TLS: undefined,
  };
}
