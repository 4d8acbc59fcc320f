/** Configuration of the agent, parsed once at start. */
import { join } from 'node:path';
import { z } from 'zod';
import { emptyIsUnset, logLevel, optional, readEnvironment, type Environment } from './environment.ts';
import { hoopHome } from './home.ts';

const agentEnv = z.object({
  HOOP_GATEWAY_URL: emptyIsUnset(
    z
      .string('is missing: set it to the address of the gateway, e.g. https://hoop.example.com')
      .refine(isGatewayUrl, 'must be an http(s):// or ws(s):// address, e.g. https://hoop.example.com'),
  ),
  HOOP_AGENT_TOKEN: optional(z.string().max(512, 'is longer than 512 characters')),
  HOOP_LOG_LEVEL: logLevel,
  PATH: emptyIsUnset(z.string().default('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')),
  LANG: emptyIsUnset(z.string().default('C.UTF-8')),
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
export function readAgentConfig(env: Environment = process.env): AgentConfig {
  const set = readEnvironment(agentEnv, env, 'The agent cannot start');
  return {
    directory: join(hoopHome(env), 'agent'),
    gatewayUrl: set.HOOP_GATEWAY_URL,
    token: set.HOOP_AGENT_TOKEN,
    logLevel: set.HOOP_LOG_LEVEL,
    path: set.PATH,
    lang: set.LANG,
  };
}

function isGatewayUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:', 'ws:', 'wss:'].includes(new URL(text).protocol);
}
