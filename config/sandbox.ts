/** Configuration of the Slack sandbox, parsed once at start. */
import { join } from 'node:path';
import { z } from 'zod';
import { port, readEnvironment, type Environment } from './environment.ts';
import { hoopHome } from './home.ts';

const sandboxEnv = z.object({ HOOP_SANDBOX_PORT: port(8010) });

export interface SandboxConfig {
  /** The workspace's folder: `$HOOP_HOME/sandbox`. */
  dataDir: string;
  /** 0 for a free one. */
  port: number;
}

/** Throws `HoopError` that says what to set. */
export function parseSandboxConfig(env: Environment = process.env): SandboxConfig {
  const set = readEnvironment(sandboxEnv, env, 'The sandbox cannot start');
  return { dataDir: join(hoopHome(env), 'sandbox'), port: set.HOOP_SANDBOX_PORT };
}
