/** The gateway's HTTP side: REST API, console, health. Streams over WebSocket are in `stream.ts`. */
import express, { type Express } from 'express';
import { HoopError } from '#shared/errors.ts';
import { serveConsole } from './console-files.ts';
import type { ApiDeps } from './deps.ts';
import { errorHandler } from './errors.ts';
import { eventsRoute } from './events.ts';
import { requestLogging } from './logging.ts';
import { mount } from './mount.ts';
import { openApiRoute } from './openapi.ts';
import { routes } from './routes/index.ts';
import { securityHeaders } from './security-headers.ts';

export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requestLogging(deps.core.log));
  app.use(deps.metrics.measureRequests);
  app.use(securityHeaders(deps.core.publicUrl));
  const served = [...routes, eventsRoute(deps)];
  for (const route of [...served, openApiRoute(served, deps.version)]) mount(app, deps, route);
  app.use('/api', () => {
    throw new HoopError('not_found', 'There is nothing at this path; GET /api/openapi.json lists what there is.');
  });
  if (deps.webRoot !== null) serveConsole(app, { webRoot: deps.webRoot, publicUrl: deps.core.publicUrl });
  app.use(() => {
    throw new HoopError('not_found', 'There is nothing at this path.');
  });
  app.use(errorHandler);
  return app;
}
