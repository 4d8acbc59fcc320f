import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const DEFAULT_PORT = 8010;

const schema = z.object({
  HOOP_HOME: z.string().min(1).optional(),
  HOOP_SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(DEFAULT_PORT),
});

export interface SandboxConfig {
  /** The workspace's folder. */
  dataDir: string;
  /** 0 for a free one. */
  port: number;
}

/** What the sandbox process takes from its environment. @throws ZodError that names the variable */
export function sandboxConfig(env: NodeJS.ProcessEnv = process.env): SandboxConfig {
  const parsed = schema.parse({ ...env, HOOP_SANDBOX_PORT: env.HOOP_SANDBOX_PORT || undefined });
  return { dataDir: join(parsed.HOOP_HOME ?? join(homedir(), '.hoop'), 'sandbox'), port: parsed.HOOP_SANDBOX_PORT };
}
