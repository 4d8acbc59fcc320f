/** Configuration of the agent, parsed once at start. */
import { join } from 'node:path';
import { z } from 'zod';
import { parseDuration } from '#shared/duration-text.ts';
import { emptyIsUnset, logLevel, optional, readEnvironment, type Environment } from './environment.ts';
import { hoopHome } from './home.ts';

const agentEnv = z.object({
  HOOP_GATEWAY_URL: emptyIsUnset(
    z
      .string('is missing: set it to the address of the gateway, e.g. https://hoop.example.com')
      .refine(isGatewayUrl, 'must be an http(s):// or ws(s):// address, e.g. https://hoop.example.com'),
  ),
  HOOP_AGENT_TOKEN: optional(z.string().max(512, 'is longer than 512 characters')),
  HOOP_AGENT_LABELS: emptyIsUnset(z.string().default('').transform(readLabels)),
  HOOP_DRAIN_TIMEOUT: emptyIsUnset(z.string().default('0').transform(readDrainTimeout)),
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
  /** Shown of this instance: `HOOP_AGENT_LABELS=zone=a,role=db`. */
  labels: Record<string, string>;
  /** On SIGTERM: how long it stays for what runs, ms; 0: it leaves at once, and the runner goes on. */
  drainMs: number;
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
    labels: set.HOOP_AGENT_LABELS,
    drainMs: set.HOOP_DRAIN_TIMEOUT * 1000,
    logLevel: set.HOOP_LOG_LEVEL,
    path: set.PATH,
    lang: set.LANG,
  };
}

function readDrainTimeout(text: string, ctx: z.RefinementCtx): number {
  const seconds = parseDuration(text);
  if (seconds !== null && seconds <= 24 * 3600) return seconds;
  ctx.addIssue({ code: 'custom', message: 'must be a duration of up to 24h, such as 10m' });
  return z.NEVER;
}

function readLabels(text: string, ctx: z.RefinementCtx): Record<string, string> {
  const words = text.split(',').map((word) => word.trim());
  const pairs = words.filter((word) => word !== '').map((word) => /^([\w./-]{1,63})=([^\p{Cc}]{0,256})$/u.exec(word));
  if (pairs.includes(null) || pairs.length > 32) {
    ctx.addIssue({ code: 'custom', message: 'must be up to 32 labels, as in zone=a,role=db' });
    return z.NEVER;
  }
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

function isGatewayUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:', 'ws:', 'wss:'].includes(new URL(text).protocol);
}
