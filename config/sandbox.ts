/** Configuration of the Slack sandbox, parsed once at start. */
import { join } from 'node:path';
import { HoopError } from '#shared/errors.ts';
import { hoopHome } from './home.ts';

const DEFAULT_PORT = 8010;

export interface SandboxConfig {
  /** The workspace's folder: `$HOOP_HOME/sandbox`. */
  dataDir: string;
  /** 0 for a free one. */
  port: number;
}

/** Throws `HoopError` that says what to set. */
export function parseSandboxConfig(env: NodeJS.ProcessEnv = process.env): SandboxConfig {
  const port = Number(env.HOOP_SANDBOX_PORT || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new HoopError(
      'invalid_input',
      'The sandbox cannot start: HOOP_SANDBOX_PORT must be a port, or 0 for a free one.',
    );
  }
  return { dataDir: join(hoopHome(env), 'sandbox'), port };
}
