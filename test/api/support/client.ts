import type { Me } from '#shared/api-schemas.ts';
import { password, type TestApi } from './api.ts';

export interface Reply<T = Record<string, unknown>> {
  status: number;
  body: T;
  headers: Headers;
}

export interface Caller {
  get<T>(path: string, headers?: Record<string, string>): Promise<Reply<T>>;
  post<T>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply<T>>;
  put<T>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply<T>>;
  delete<T>(path: string, headers?: Record<string, string>): Promise<Reply<T>>;
  headers: Record<string, string>;
}

export interface ErrorAnswer {
  error: { code: string; message: string };
}

/** Asks the API with these headers. */
export function caller(api: TestApi, headers: Record<string, string> = {}): Caller {
  const ask = async <T>(method: string, path: string, body: unknown, more: Record<string, string> = {}) => {
    const response = await fetch(api.url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json');
    return { status: response.status, body: (isJson ? JSON.parse(text) : text) as T, headers: response.headers };
  };
  return {
    get: (path, more) => ask('GET', path, undefined, more),
    post: (path, body, more) => ask('POST', path, body, more),
    put: (path, body, more) => ask('PUT', path, body, more),
    delete: (path, more) => ask('DELETE', path, undefined, more),
    headers,
  };
}

/** Signed in with a token, as the CLI is. */
export async function signInAs(api: TestApi, email: string): Promise<Caller & { token: string }> {
  const answer = await caller(api).post<{ token: string; user: Me }>('/api/login', { email, password, kind: 'cli' });
  if (answer.status !== 200) throw new Error(`sign-in of ${email}: ${JSON.stringify(answer.body)}`);
  const { token } = answer.body;
  return { ...caller(api, { authorization: `Bearer ${token}` }), token };
}

/** Signed in with a cookie, as the console is. Gives the value of the Cookie header. */
export async function cookieOf(api: TestApi, email: string): Promise<string> {
  const answer = await caller(api).post('/api/login', { email, password, kind: 'web' });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (!cookie) throw new Error(`sign-in of ${email} set no cookie: ${JSON.stringify(answer.body)}`);
  return cookie;
}
