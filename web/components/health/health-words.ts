/** What states of health are called and coloured, and which page shows more of a part. */
import type { HealthPartName, HealthState } from '#shared/health-schemas.ts';
import { pages } from '../../util/paths.ts';

export const stateWords: Readonly<Record<HealthState, { label: string; color: string }>> = {
  ok: { label: 'OK', color: 'green.6' },
  warning: { label: 'Have a look', color: 'yellow.6' },
  bad: { label: 'Does not work', color: 'red.6' },
};

export const pageOfPart: Partial<Record<HealthPartName, { label: string; href: string }>> = {
  agents: { label: 'Agents', href: pages.agents },
  slack: { label: 'Slack', href: pages.slack },
  messages: { label: 'Slack', href: pages.slack },
  sessions: { label: 'Sessions', href: pages.sessions() },
  audit: { label: 'Audit log', href: pages.audit() },
};
