import type { Logger } from 'pino';
import type { Core } from '#core/context.ts';

export interface ListenerDeps {
  core: Core;
  log: Logger;
  /** The workspace hoop is installed in. */
  homeTeamId: string | undefined;
  /** How long a decision may take before it is acknowledged all the same: 2 s of Slack's 3. */
  budgetMs: number;
  /** How long it may take then before it is taken back, and how long it is looked for; 15 s each unless given. */
  settleMs?: number;
}
