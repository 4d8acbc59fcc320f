/** Configuration of the agent, parsed once at start. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';

/** Empty means unset, as in most service managers. */
const emptyIsUnset = (value: unknown): unknown => (value === '' ? undefined : value);

const agentEnv = z.object({
  HOOP_HOME: z.preprocess(emptyIsUnset, z.string().default(join(homedir(), '.hoop'))),
  HOOP_GATEWAY_URL: z.preprocess(
    emptyIsUnset,
    z
      .string('is missing: set it to the address of the gateway, e.g. https://hoop.example.com')
      .refine(isGatewayUrl, 'must be an http(s):// or ws(s):// address, e.g. https://hoop.example.com'),
  ),
  HOOP_AGENT_TOKEN: z.preprocess(emptyIsUnset, z.string().max(512, 'is longer than 512 characters').optional()),
  HOOP_LOG_LEVEL: z.preprocess(
    emptyIsUnset,
    z
      .enum(
        ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
        'must be one of trace, debug, info, warn, error, fatal, silent',
      )
      .default('info'),
  ),
  PATH: z.preprocess(emptyIsUnset, z.string().default('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')),
  LANG: z.preprocess(emptyIsUnset, z.string().default('C.UTF-8')),
});

export interface AgentConfig {
  /** Where the agent keeps its key, journal and spool: `$HOOP_HOME/agent`. */
  directory: string;
  gatewayUrl: string;
  /** Needed until the agent has enrolled. */
  token: string | undefined;
  logLevel: string;
  /** PATH and LANG that commands start with. */
  path: string;
  lang: string;
}

/** Throws `HoopError` naming every variable that is wrong and what to set. */
export function readAgentConfig(env: Readonly<Record<string, string | undefined>> = process.env): AgentConfig {
  const parsed = agentEnv.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new HoopError('invalid_input', `The agent cannot start: ${problems.join('; ')}.`);
  }
  return {
    directory: join(resolve(parsed.data.HOOP_HOME), 'agent'),
    gatewayUrl: parsed.data.HOOP_GATEWAY_URL,
    token: parsed.data.HOOP_AGENT_TOKEN,
    logLevel: parsed.data.HOOP_LOG_LEVEL,
    path: parsed.data.PATH,
    lang: parsed.data.LANG,
  };
}

function isGatewayUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:', 'ws:', 'wss:'].includes(new URL(text).protocol);
}
