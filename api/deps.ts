import type { Core } from '#core/context.ts';
import type { Metrics } from './metrics.ts';
import type { Keyboards } from './relay/keyboards.ts';
import type { SessionFeed } from './relay/session-feed.ts';
import type { SignInWaiters } from './sign-in-waiters.ts';

/** What the API is made of; `createApp` and the streams are handed it. */
export interface ApiDeps {
  core: Core;
  feed: SessionFeed;
  keyboards: Keyboards;
  signIns: SignInWaiters;
  metrics: Metrics;
  /** Of hoop, e.g. 0.1.0. */
  version: string;
  /** Folder of the built console; null leaves the console out. */
  webRoot: string | null;
  /** Names the parts that are not ready, e.g. `postgres`; none when all are. */
  readiness: () => Promise<string[]>;
}
