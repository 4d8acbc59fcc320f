/** Which rows of the audit log: the options that its list and its export share. */
import { timeOption } from './times.ts';

export interface AuditFilterOptions {
  actor?: string;
  action?: string;
  subject?: string;
  since?: string;
  until?: string;
}

export function auditQuery(options: AuditFilterOptions): Record<string, string | undefined> {
  const { actor, action, subject, since, until } = options;
  return {
    ...{ actor, action, subject },
    since: since === undefined ? undefined : timeOption('--since', since),
    until: until === undefined ? undefined : timeOption('--until', until),
  };
}
