import { SlackError } from '../errors.ts';
import type { App, Json, Token } from '../model.ts';
import type { SocketHub } from '../socket-mode.ts';
import type { Views } from '../views.ts';
import type { Workspace } from '../workspace.ts';

/** What the parts of the sandbox share. */
export interface SandboxContext {
  workspace: Workspace;
  views: Views;
  hub: SocketHub;
  /** `http://127.0.0.1:PORT` */
  baseUrl(): string;
}

export interface MethodCall {
  context: SandboxContext;
  app: App;
  /** Arguments by name, from query, form or JSON; a form's values are strings. */
  args: Json;
  token: Token;
  /** The token itself. */
  bearer: string;
}

/** Calls a minute. https://docs.slack.dev/apis/web-api/rate-limits */
export const TIER = { one: 1, two: 20, three: 50, four: 100, special: 600 } as const;

/** One line of Slack's reference for a method, and what it does. */
export interface Method {
  /** Which token it takes; `none` for api.test. */
  token: 'bot' | 'app' | 'any' | 'none';
  tier: keyof typeof TIER;
  /** The scopes that let a token call it; the answer names them in x-accepted-oauth-scopes. */
  scopes?: readonly string[];
  /** Those of them that this call needs, where that depends on its arguments (default: all). */
  needs?: (args: Json) => string[];
  /** Arguments without which it is not looked at. */
  required?: readonly string[];
  /** Methods that read take forms and queries only. */
  json?: false;
  /** The token must be in the Authorization header. */
  headerToken?: true;
  run(call: MethodCall): Json;
}

export function text(args: Json, name: string): string {
  const value = args[name];
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : String(value);
}

export function flag(args: Json, name: string): boolean {
  return ['true', '1'].includes(text(args, name).toLowerCase());
}

/** A structured argument: JSON text in a form, itself in a JSON body. @throws SlackError `invalid` */
export function structured(args: Json, name: string, invalid: string): unknown {
  const value = args[name];
  if (typeof value !== 'string' || value === '') return value === '' || value === null ? undefined : value;
  try {
    return JSON.parse(value);
  } catch {
    throw new SlackError(invalid);
  }
}

export function invalidArguments(problem: string): SlackError {
  return new SlackError('invalid_arguments', { response_metadata: { messages: [`[ERROR] ${problem}`] } });
}

/** @throws SlackError missing_scope */
export function requireScopes(held: readonly string[], needed: readonly string[]): void {
  const missing = needed.filter((scope) => !held.includes(scope));
  if (missing.length > 0)
    throw new SlackError('missing_scope', { needed: missing.join(','), provided: held.join(',') });
}

const CURSOR = /^next:(\d{1,6})$/;

/** One page of a list, as `limit` and `cursor` ask. @throws SlackError invalid_limit, invalid_cursor */
export function page<T>(all: T[], args: Json, usual: number): { items: T[]; next_cursor: string } {
  const limit = text(args, 'limit') ? Number(text(args, 'limit')) : usual;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new SlackError('invalid_limit');
  const cursor = text(args, 'cursor');
  const match = cursor ? CURSOR.exec(Buffer.from(cursor, 'base64').toString()) : ['', '0'];
  if (!match) throw new SlackError('invalid_cursor');
  const start = Number(match[1]);
  const end = start + limit;
  const next_cursor = end < all.length ? Buffer.from(`next:${end}`).toString('base64') : '';
  return { items: all.slice(start, end), next_cursor };
}
