/** All routes of the API; the two that stream are in `stream.ts` and `events.ts`. */
import type { Route } from '../route.ts';
import { reviewRoutes } from './reviews.ts';
import { serviceRoutes } from './service.ts';
import { sessionRoutes } from './sessions.ts';
import { signInRoutes } from './sign-in.ts';

export const routes: Route[] = [...signInRoutes, ...sessionRoutes, ...reviewRoutes, ...serviceRoutes];
