import { setTimeout as delay } from 'node:timers/promises';
import express, { type Request, type Response, type Router } from 'express';
import { DroppedConnection, SlackError } from './errors.ts';
import type { Fault, Faults } from './faults.ts';
import { secret } from './ids.ts';
import { basics } from './methods/basics.ts';
import { chat } from './methods/chat.ts';
import { conversations } from './methods/conversations.ts';
import type { Method, SandboxContext } from './methods/method.ts';
import { viewMethods } from './methods/views.ts';
import type { App, Json, Token } from './model.ts';
import type { RateLimits } from './rate-limits.ts';
import { lookUp } from './store.ts';

const METHODS: Record<string, Method> = { ...basics, ...chat, ...conversations, ...viewMethods };
const APP_TOKEN_SCOPES = ['connections:write', 'app_configurations:write'];
const BODY_LIMIT = '2mb';

export interface Answer {
  status: number;
  body: Json;
  headers?: Record<string, string>;
}

/** Slack's Web API: https://docs.slack.dev/apis/web-api */
export function webApi(context: SandboxContext, faults: Faults, limits: RateLimits): Router {
  const router = express.Router();
  router.use(express.urlencoded({ extended: false, limit: BODY_LIMIT, parameterLimit: 200 }));
  router.use(express.json({ limit: BODY_LIMIT, type: ['application/json', 'text/json'] }));
  router.use((error: unknown, _request: Request, response: Response, _next: unknown) => {
    const tooLarge = (error as { type?: unknown }).type === 'entity.too.large';
    response.json({ ok: false, error: tooLarge ? 'request_too_large' : 'invalid_json' });
  });
  router.all('/:method', async (request, response) => {
    const name = request.params.method;
    const body = (request.body ?? {}) as Json;
    const args: Json = { ...request.query, ...body };
    const bearer = /^Bearer (\S+)$/.exec(request.get('authorization') ?? '')?.[1];
    const { token: inArgs, ...rest } = args;
    const token = bearer ?? (typeof inArgs === 'string' && name !== 'apps.connections.open' ? inArgs : undefined);
    const known = lookUp(context.workspace.store.tokens, token);
    await answering(
      context,
      faults,
      { kind: 'api', method: name, appId: known?.appId, args: rest, response },
      () => limited(limits.wait(name, known?.appId, rest.channel)) ?? call(context, name, rest, token, known),
    );
  });
  return router;
}

function limited(seconds: number): Answer | undefined {
  if (seconds === 0) return undefined;
  return { status: 429, body: { ok: false, error: 'ratelimited' }, headers: { 'retry-after': String(seconds) } };
}

/** Looks the method up, checks token and scopes, and runs it. Refusals are HTTP 200. */
function call(
  context: SandboxContext,
  name: string,
  args: Json,
  token: string | undefined,
  known: Token | undefined,
): Answer {
  const headers: Record<string, string> = { 'x-slack-req-id': secret(8) };
  try {
    const method = Object.hasOwn(METHODS, name) ? METHODS[name]! : undefined;
    if (!method) throw new SlackError('unknown_method', { req_method: name });
    if (method.token === 'none') return { status: 200, body: { ok: true, ...runOpen(method, context, args) }, headers };
    if (!token) throw new SlackError('not_authed');
    const app = known && context.workspace.store.apps.get(known.appId);
    if (!known || !app) throw new SlackError('invalid_auth');
    if (known.revoked) throw new SlackError(known.revoked);
    if (method.token !== 'any' && method.token !== known.kind) throw new SlackError('not_allowed_token_type');
    const held = known.kind === 'app' ? APP_TOKEN_SCOPES : app.scopes;
    const needed = typeof method.scopes === 'function' ? method.scopes(args) : (method.scopes ?? []);
    headers['x-oauth-scopes'] = held.join(',');
    headers['x-accepted-oauth-scopes'] = needed.join(',');
    const missing = needed.filter((scope) => !held.includes(scope));
    if (missing.length > 0)
      throw new SlackError('missing_scope', { needed: missing.join(','), provided: held.join(',') });
    return { status: 200, body: { ok: true, ...method.run({ context, app, args, token: known }) }, headers };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { status: 200, body: { ok: false, error: error.code, ...error.extra }, headers };
  }
}

function runOpen(method: Method, context: SandboxContext, args: Json): Json {
  return method.run({ context, args, app: {} as App, token: { kind: 'bot', appId: '' } });
}

export interface Incoming {
  kind: 'api' | 'response_url';
  method: string;
  appId: string | undefined;
  args: unknown;
  response: Response;
}

/** Answers a call as the faults allow, and writes down what was asked and answered. */
export async function answering(
  context: SandboxContext,
  faults: Faults,
  incoming: Incoming,
  work: () => Answer,
): Promise<void> {
  const started = performance.now();
  const fault = faults.outage() ? ({ kind: 'outage' } as const) : faults.forCall(incoming.method, incoming.appId);
  let answer: Answer;
  let dropped = false;
  try {
    answer = await withFault(fault, work, incoming.response.req);
  } catch (error) {
    if (!(error instanceof DroppedConnection)) throw error;
    answer = { status: 0, body: {} };
    dropped = true;
  }
  const { kind, method, appId, args } = incoming;
  const ms = Math.round(performance.now() - started);
  context.workspace.store.addCall({
    at: new Date().toISOString(),
    ...{ kind, method, args, ms, status: answer.status, response: dropped ? 'connection dropped' : answer.body },
    ...(appId ? { appId } : {}),
    ...(fault ? { fault: fault.kind } : {}),
  });
  if (!dropped)
    incoming.response
      .status(answer.status)
      .set(answer.headers ?? {})
      .json(answer.body);
}

async function withFault(
  fault: Fault | { kind: 'outage' } | undefined,
  work: () => Answer,
  request: Request,
): Promise<Answer> {
  const drop = () => {
    request.socket.destroy();
    return new DroppedConnection('dropped by a fault');
  };
  switch (fault?.kind) {
    case 'outage':
    case 'drop_before':
      throw drop();
    case 'drop_after':
      work();
      throw drop();
    case '429':
      return limited(fault.retryAfter ?? 1) ?? work();
    case '5xx':
      return { status: fault.status ?? 503, body: { ok: false, error: 'service_unavailable' } };
    case 'error':
      return { status: 200, body: { ok: false, error: fault.error ?? 'internal_error' } };
    case 'slow': {
      const answer = work();
      await delay(fault.ms ?? 1000);
      return answer;
    }
    default:
      return work();
  }
}
