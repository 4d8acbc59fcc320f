/** All routes of the API but the two that stream: `stream.ts` and `events.ts`. */
import type { Route } from '../route.ts';
import { agentRoutes } from './agents.ts';
import { auditRoutes } from './audit.ts';
import { cliSignInRoutes } from './cli-sign-in.ts';
import { connectionRoutes } from './connections.ts';
import { groupRoutes } from './groups.ts';
import { firstRunRoutes } from './first-run.ts';
import { healthRoutes } from './health.ts';
import { pluginRoutes } from './plugins.ts';
import { recordingRoutes } from './recordings.ts';
import { reviewRoutes } from './reviews.ts';
import { serviceRoutes } from './service.ts';
import { sessionRoutes } from './sessions.ts';
import { signInRoutes } from './sign-in.ts';
import { slackLinkRoutes } from './slack-links.ts';
import { tokenRoutes } from './tokens.ts';
import { userRoutes } from './users.ts';

export const routes: Route[] = [
  ...signInRoutes,
  ...cliSignInRoutes,
  ...tokenRoutes,
  ...sessionRoutes,
  ...recordingRoutes,
  ...reviewRoutes,
  ...connectionRoutes,
  ...agentRoutes,
  ...userRoutes,
  ...groupRoutes,
  ...pluginRoutes,
  ...slackLinkRoutes,
  ...firstRunRoutes,
  ...auditRoutes,
  ...healthRoutes,
  ...serviceRoutes,
];
