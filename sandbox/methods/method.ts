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
}

export interface Method {
  /** Which token it takes; `none` for api.test. */
  token: 'bot' | 'app' | 'any' | 'none';
  /** Scopes it needs, all of them. */
  scopes?: string[] | ((args: Json) => string[]);
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
  if (typeof value !== 'string' || value === '') return value === '' ? undefined : value;
  try {
    return JSON.parse(value);
  } catch {
    throw new SlackError(invalid);
  }
}
