/** The built console as the gateway serves it, under the same policy. */
import express, { type Express } from 'express';
import { serveConsole } from '#api/console-files.ts';
import { securityHeaders } from '#api/security-headers.ts';

export function consoleServer(webRoot: string, publicUrl: string): Express {
  const app = express();
  app.use(securityHeaders(publicUrl));
  serveConsole(app, { webRoot, publicUrl });
  return app;
}
