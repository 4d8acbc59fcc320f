import { z } from 'zod';
import { loginAnswer, loginInput, me, paths } from '#shared/api-schemas.ts';
import { signInMethod } from '#shared/sign-in-schemas.ts';
import { tokenSeconds } from '#core/begin-sign-in.ts';
import { meOf, signIn } from '#core/sign-in.ts';
import { signOut } from '#core/sign-out.ts';
import { cookieName, isOwnOrigin, originRefused, readCookie } from '../auth.ts';
import { publicRoute, userRoute } from '../route.ts';

const tag = 'Signing in';

function cookieOptions(publicUrl: string) {
  return { httpOnly: true, sameSite: 'lax', secure: publicUrl.startsWith('https:'), path: '/' } as const;
}

export const signInRoutes = [
  publicRoute(
    {
      method: 'get',
      path: paths.signInMethods,
      tag,
      summary: 'How people can sign in at the console',
      answer: z.array(signInMethod),
    },
    async () => ({ body: [{ kind: 'password' as const }] }),
  ),
  publicRoute(
    {
      method: 'post',
      path: paths.login,
      tag,
      summary: 'Sign in with a password: a token for the CLI, or a cookie for the console',
      body: loginInput,
      bodyBytes: 16 * 1024,
      answer: loginAnswer,
    },
    async ({ core, body, req, res }) => {
      const { publicUrl } = core;
      // Without it, a page of another site could sign a browser in as somebody else.
      if (req.headers.origin !== undefined && !isOwnOrigin(req, publicUrl)) throw originRefused(publicUrl);
      const address = req.ip ?? 'unknown';
      const previousToken = body.kind === 'web' ? readCookie(req, cookieName) : undefined;
      const { token, user } = await signIn(core, { ...body, address, previousToken });
      if (body.kind === 'cli') return { body: { token, user: meOf(user) } };
      res.cookie(cookieName, token, { ...cookieOptions(publicUrl), maxAge: tokenSeconds.web * 1000 });
      return { body: { token: null, user: meOf(user) } };
    },
  ),
  userRoute(
    { method: 'post', path: paths.logout, tag, summary: 'Sign out: the token or cookie ends', statuses: [204] },
    async ({ core, ctx, identity, res }) => {
      await signOut(ctx, identity.tokenHash);
      if (identity.by === 'cookie') res.clearCookie(cookieName, cookieOptions(core.publicUrl));
      return { status: 204 };
    },
  ),
  userRoute({ method: 'get', path: paths.me, tag, summary: 'Who is signed in', answer: me }, async ({ identity }) => ({
    body: meOf(identity.user),
  })),
];
