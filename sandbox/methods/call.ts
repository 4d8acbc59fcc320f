import type { Answer } from '../answering.ts';
import { APP_TOKEN_SCOPES } from '../apps.ts';
import { SlackError } from '../errors.ts';
import { secret } from '../ids.ts';
import type { App, Json, Token } from '../model.ts';
import type { Asked } from '../request-args.ts';
import { basics } from './basics.ts';
import { chat } from './chat.ts';
import { conversations } from './conversations.ts';
import { ELSEWHERE } from './elsewhere.ts';
import { history } from './history.ts';
import { manageChannels } from './manage-channels.ts';
import { invalidArguments, requireScopes, type Method, type SandboxContext } from './method.ts';
import { people } from './people.ts';
import { viewMethods } from './views.ts';

export const METHODS: Readonly<Record<string, Method>> = {
  ...basics,
  ...chat,
  ...conversations,
  ...history,
  ...manageChannels,
  ...people,
  ...viewMethods,
};

/** What a user token made by the control API may do: say who it is. */
const USER_SCOPES = ['identify'];

export function methodNamed(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
}

/** Looks the method up, checks token, scopes and arguments, and runs it. Refusals are HTTP 200. */
export function call(context: SandboxContext, name: string, asked: Asked, known: Token | undefined): Answer {
  const headers: Record<string, string> = { 'x-slack-req-id': secret(8) };
  const answer = (body: Json): Answer => ({ status: 200, body: withWarnings(body, asked.warnings), headers });
  try {
    return answer({ ok: true, ...result(context, name, asked, known, headers) });
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return answer({ ok: false, error: error.code, ...error.extra });
  }
}

function result(
  context: SandboxContext,
  name: string,
  { args, token }: Asked,
  known: Token | undefined,
  headers: Record<string, string>,
): Json {
  const method = methodNamed(name);
  const elsewhere = method || !Object.hasOwn(ELSEWHERE, name) ? undefined : ELSEWHERE[name];
  if (!method && !elsewhere) throw unknownMethod(name);
  if (method?.token === 'none') {
    return method.run({ context, args, app: {} as App, token: { kind: 'bot', appId: '' }, bearer: '' });
  }
  if (!token) throw new SlackError('not_authed');
  const app = known && context.workspace.store.apps.get(known.appId);
  if (!known || !app) throw new SlackError('invalid_auth');
  if (known.revoked) throw new SlackError(known.revoked);
  const { scopes = [], ...rule } = method ?? { token: 'bot', scopes: elsewhere };
  if (!takes(rule.token, known.kind, scopes)) throw new SlackError('not_allowed_token_type');
  const held = { bot: app.scopes, app: known.scopes ?? APP_TOKEN_SCOPES, user: USER_SCOPES }[known.kind];
  headers['x-oauth-scopes'] = held.join(',');
  if (scopes.length > 0) headers['x-accepted-oauth-scopes'] = scopes.join(',');
  requireScopes(held, method?.needs ? method.needs(args) : scopes);
  if (!method) throw unknownMethod(name);
  const missing = method.required?.find((argument) => args[argument] === undefined || args[argument] === null);
  if (missing) throw invalidArguments(`missing required field: ${missing}`);
  return method.run({ context, app, args, token: known, bearer: token });
}

/** A user's token is let through to the check of scopes, which it never passes; views have none. */
function takes(wanted: Method['token'], kind: Token['kind'], scopes: readonly string[]): boolean {
  return wanted === 'any' || wanted === kind || (kind === 'user' && wanted === 'bot' && scopes.length > 0);
}

const unknownMethod = (name: string) => new SlackError('unknown_method', { req_method: name });

function withWarnings(body: Json, warnings: string[]): Json {
  if (warnings.length === 0) return body;
  const before = body.response_metadata as { warnings?: string[] } | undefined;
  const all = [...(before?.warnings ?? []), ...warnings];
  return { ...body, warning: all.join(','), response_metadata: { ...before, warnings: all } };
}
