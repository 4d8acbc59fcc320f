/** Configuration of gateway and worker, parsed once at start. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';

const unsetWhenEmpty = (value: unknown): unknown => (value === '' ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(unsetWhenEmpty, schema.optional());

const url = z
  .string()
  .refine((text) => URL.canParse(text), 'must be an address such as https://hoop.example.com')
  .transform((text) => text.replace(/\/+$/, ''));
const listen = z
  .string()
  .regex(/^(.+):(\d{1,5})$/, 'must be host:port, as in 127.0.0.1:8009')
  .transform((text) => ({
    host: text.slice(0, text.lastIndexOf(':')).replace(/^\[|\]$/g, ''),
    port: Number(text.slice(text.lastIndexOf(':') + 1)),
  }));

const serverEnv = z.object({
  HOOP_HOME: optional(z.string()),
  DATABASE_URL: z.preprocess(
    unsetWhenEmpty,
    z.string('is missing: set it to the address of the Postgres database, postgres://user:password@host/database'),
  ),
  HOOP_SECRET_KEY: z.preprocess(
    unsetWhenEmpty,
    z.string('is missing: set it to 32 random bytes in base64 (openssl rand -base64 32)'),
  ),
  HOOP_LISTEN: z.preprocess(unsetWhenEmpty, z.string().default('127.0.0.1:8009').pipe(listen)),
  HOOP_PUBLIC_URL: optional(url),
  HOOP_PEER_URL: optional(url),
  SLACK_API_URL: optional(url),
  HOOP_SANDBOX_URL: optional(url),
  HOOP_FIRST_RUN: optional(z.literal('embedded')),
  HOOP_TASK_QUEUE_PREFIX: z.preprocess(unsetWhenEmpty, z.string().max(100).default('')),
  HOOP_TEMPORAL_UI_URL: optional(url),
  HOOP_LOG_LEVEL: z.preprocess(
    unsetWhenEmpty,
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ),
});

export interface ServerConfig {
  home: string;
  databaseUrl: string;
  secretKey: string;
  listen: { host: string; port: number };
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
export function serverConfig(env: Readonly<Record<string, string | undefined>> = process.env): ServerConfig {
  const parsed = serverEnv.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new HoopError('invalid_input', `hoop cannot start: ${problems.join('; ')}.`);
  }
  const set = parsed.data;
  return {
    home: resolve(set.HOOP_HOME ?? join(homedir(), '.hoop')),
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

function defined(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
