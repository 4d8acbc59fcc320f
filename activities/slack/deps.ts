import type { Logger } from 'pino';
import type { Database } from '#db/pool.ts';
import type { OpenedSlack } from '#core/slack-tokens.ts';

export interface SlackActivityDeps {
  db: Database;
  /** Null while Slack is not configured; read anew for every call, as admins change tokens. */
  openTokens: () => Promise<OpenedSlack | null>;
  log: Logger;
  /** Of the console, without a slash at the end. */
  publicUrl: string;
}
