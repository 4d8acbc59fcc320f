import type { HealthPartName } from './health-schemas.ts';

/** How the parts are called where people read of them; apart from the schemas, which the CLI does not load. */
export const healthTitles: Readonly<Record<HealthPartName, string>> = {
  gateways: 'Gateways',
  workers: 'Workers',
  temporal: 'Temporal',
  postgres: 'Postgres',
  agents: 'Agents',
  slack: 'Slack',
  messages: 'Messages to Slack',
  sweep: 'Sweep',
  sessions: 'Sessions',
  recordings: 'Recordings',
  audit: 'Audit log',
  versions: 'Versions',
};
