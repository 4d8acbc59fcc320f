/** `HOOP_HOME` and what lies in it. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from './environment.ts';

export interface HomePaths {
  home: string;
  runFile: string;
  lock: string;
  /** The processes of the present run, so that the next one can end what a kill left behind. */
  processes: string;
  logs: string;
  /** The CLI's configuration. */
  cliConfig: string;
  /** The gateway's address at the last start. */
  apiUrl: string;
  adminPassword: string;
  agentToken: string;
  secretKey: string;
  postgresPassword: string;
  temporalDatabase: string;
  temporalConfig: string;
}

/** HOOP_HOME, default ~/.hoop. */
export function hoopHome(env: Environment): string {
  return resolve(env.HOOP_HOME || join(homedir(), '.hoop'));
}

export function homePaths(home: string): HomePaths {
  return {
    home,
    runFile: join(home, 'run.json'),
    lock: join(home, 'start.lock'),
    processes: join(home, 'processes.json'),
    logs: join(home, 'logs'),
    cliConfig: join(home, 'config.json'),
    apiUrl: join(home, 'api-url'),
    adminPassword: join(home, 'admin-password'),
    agentToken: join(home, 'agent-token'),
    secretKey: join(home, 'secret-key'),
    postgresPassword: join(home, 'postgres-password'),
    temporalDatabase: join(home, 'temporal.db'),
    temporalConfig: join(home, 'temporal.toml'),
  };
}
