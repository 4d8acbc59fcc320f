/** Who asks: a bearer token (CLI, scripts) or the console's cookie, which counts only for requests of our own pages. */
import type { IncomingMessage } from 'node:http';
import { HoopError } from '#shared/errors.ts';
import { authenticate, type SignedIn } from '#core/authenticate.ts';
import type { Context, Core } from '#core/context.ts';

export const cookieName = 'hoop_session';

export interface Identity extends SignedIn {
  by: 'cookie' | 'bearer';
  ctx: Context;
}

/** Who signed in for this request; undefined for nobody. A bearer header stands above the cookie. */
export async function identify(core: Core, request: IncomingMessage): Promise<Identity | undefined> {
  const bearer = /^Bearer +([\w-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const signedIn = await authenticate(core, bearer, ['cli', 'api']);
    const isCli = signedIn?.tokenKind === 'cli' && request.headers['user-agent']?.startsWith('hoop-cli/');
    return signedIn && { ...signedIn, by: 'bearer', ctx: contextOf(core, signedIn, isCli ? 'cli' : 'api') };
  }
  if (request.headers.authorization !== undefined) return undefined;
  const cookie = readCookie(request, cookieName);
  if (cookie === undefined) return undefined;
  const signedIn = await authenticate(core, cookie, ['web']);
  return signedIn && { ...signedIn, by: 'cookie', ctx: contextOf(core, signedIn, 'console') };
}

function contextOf(core: Core, { user, tokenKind, tokenHash }: SignedIn, via: 'cli' | 'api' | 'console'): Context {
  return { core, actor: { kind: 'user', user, via, token: { kind: tokenKind, hash: tokenHash } } };
}

export const notSignedIn = (): HoopError =>
  new HoopError('not_signed_in', 'Nobody is signed in, or the sign-in has expired.');

/**
 * Whether the request comes from a page of this gateway: its `Origin` names the public URL or the host that the
 * browser asked. Ports count, unlike for cookies, so a page on another port of this machine is another origin.
 */
export function isOwnOrigin(request: IncomingMessage, publicUrl: string): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return request.headers['sec-fetch-site'] === 'same-origin';
  if (!URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}

/**
 * Whether a page of another origin had the browser ask this. A reading request has no `Origin`, also of our own pages;
 * `none` is somebody who typed the address, and browsers that say nothing are believed.
 */
export function isFromOtherPage(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

export function originRefused(publicUrl: string): HoopError {
  return new HoopError(
    'origin_refused',
    `This request comes from a page of another site. Use the console at ${publicUrl}, or a token in the Authorization header.`,
  );
}

/** The value of a cookie; the first wins when there are several. */
export function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value) return value;
  }
  return undefined;
}
