/** Configuration of gateway and worker, parsed once at start. */
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import {
  emptyIsUnset,
  listenAddress,
  logLevel,
  optional,
  readEnvironment,
  type Environment,
  type ListenAddress,
} from './environment.ts';
import { hoopHome } from './home.ts';

/** `gateway-2:8009` would be read as an address with the scheme `gateway-2:`. */
const isHttp = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

const url = z
  .string()
  .refine(isHttp, 'must be an address with http:// or https:// in front, such as https://hoop.example.com')
  .transform((text) => text.replace(/\/+$/, ''));

const serverEnv = z.object({
  DATABASE_URL: emptyIsUnset(
    z.string('is missing: set it to the address of the Postgres database, postgres://user:password@host/database'),
  ),
  HOOP_SECRET_KEY: emptyIsUnset(z.string('is missing: set it to 32 random bytes in base64 (openssl rand -base64 32)')),
  HOOP_LISTEN: listenAddress,
  HOOP_PUBLIC_URL: optional(url),
  HOOP_PEER_URL: optional(url),
  SLACK_API_URL: optional(url),
  HOOP_SANDBOX_URL: optional(url),
  HOOP_FIRST_RUN: optional(z.literal('embedded')),
  HOOP_TASK_QUEUE_PREFIX: emptyIsUnset(z.string().max(100).default('')),
  HOOP_TEMPORAL_UI_URL: optional(url),
  HOOP_LOG_LEVEL: logLevel,
});

export interface ServerConfig {
  home: string;
  databaseUrl: string;
  secretKey: string;
  listen: ListenAddress;
  /** Undefined: the address the gateway listens on. */
  publicUrl: string | undefined;
  peerUrl: string | undefined;
  /** Of Slack's Web API, with `/api/` at the end. */
  slackApiUrl: string;
  /** Of the sandbox; undefined while it is off. */
  sandboxUrl: string | undefined;
  firstRun: boolean;
  queuePrefix: string;
  temporalUiUrl: string | undefined;
  logLevel: string;
  temporal: ClientConnectConfig;
}

/** Throws `HoopError` that names every variable that is wrong and what to set. */
export function serverConfig(env: Environment = process.env): ServerConfig {
  const set = readEnvironment(serverEnv, env, 'hoop cannot start');
  return {
    home: hoopHome(env),
    databaseUrl: set.DATABASE_URL,
    secretKey: set.HOOP_SECRET_KEY,
    listen: set.HOOP_LISTEN,
    publicUrl: set.HOOP_PUBLIC_URL,
    peerUrl: set.HOOP_PEER_URL,
    slackApiUrl: set.SLACK_API_URL === undefined ? 'https://slack.com/api/' : `${set.SLACK_API_URL}/`,
    sandboxUrl: set.HOOP_SANDBOX_URL,
    firstRun: set.HOOP_FIRST_RUN === 'embedded',
    queuePrefix: set.HOOP_TASK_QUEUE_PREFIX,
    temporalUiUrl: set.HOOP_TEMPORAL_UI_URL,
    logLevel: set.HOOP_LOG_LEVEL,
    temporal: loadClientConnectConfig({ overrideEnvVars: defined(env) }),
  };
}

function defined(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
