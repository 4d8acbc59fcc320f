/** Puts a route into Express: who asks, from where, the body, the handler, the answer. */
import express, { type Express, type Request, type Response } from 'express';
import { HoopError } from '#shared/errors.ts';
import type { ApiDeps } from './deps.ts';
import { identify, isOwnOrigin, notSignedIn, originRefused } from './auth.ts';
import type { Route } from './route.ts';

const defaultBodyBytes = 1024 * 1024;

/** What the request's log line says besides the request. */
export interface LogFacts {
  route?: string;
  user?: string;
  sessionId?: string;
}

export function mount(app: Express, deps: ApiDeps, route: Route): void {
  const readJson = express.json({ limit: route.bodyBytes ?? defaultBodyBytes });
  app[route.method](route.path, async (req: Request, res: Response) => {
    const facts: LogFacts = res.locals;
    facts.route = route.path;
    if (route.path.startsWith('/api/sessions/:id')) facts.sessionId = String(req.params['id']).slice(0, 64);
    const identity = route.access === 'user' ? await identify(deps.core, req) : undefined;
    if (route.access === 'user' && !identity) throw notSignedIn();
    facts.user = identity?.user.email;
    if (identity?.by === 'cookie' && route.method !== 'get' && !isOwnOrigin(req, deps.core.publicUrl)) {
      throw originRefused(deps.core.publicUrl);
    }
    const body = route.body ? await readBody(readJson, req, res) : undefined;
    const answer = await route.run({ deps, identity, req, res, body });
    if (res.headersSent) return;
    res.status(answer.status ?? 200);
    if (answer.body === undefined) res.end();
    else if (typeof answer.body === 'string') res.send(answer.body);
    else res.json(answer.body);
  });
}

async function readBody(readJson: ReturnType<typeof express.json>, req: Request, res: Response): Promise<unknown> {
  await new Promise<void>((resolve, reject) => {
    readJson(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error as Error)));
  });
  const body: unknown = req.body;
  if (body !== undefined) return body;
  const bodyIsThere = Number(req.headers['content-length'] ?? 0) > 0 || req.headers['transfer-encoding'] !== undefined;
  if (!bodyIsThere) return {};
  throw new HoopError('invalid_input', 'the request: must be JSON, with the header content-type: application/json.');
}
