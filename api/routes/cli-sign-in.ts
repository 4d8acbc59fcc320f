/** `hoop login` through the console. What machines ask is public and bounded; what people decide needs their cookie. */
import { HoopError } from '#shared/errors.ts';
import { paths } from '#shared/api-paths.ts';
import {
  browserSignInAnswer,
  browserSignInDecision,
  browserSignInInput,
  browserSignInKey,
  browserSignInStarted,
  browserTokenInput,
  cliToken,
  deviceSignInDecision,
  deviceSignInInput,
  deviceSignInKey,
  deviceSignInStarted,
  deviceTokenInput,
  signInRequestView,
} from '#shared/sign-in-schemas.ts';
import {
  decideBrowserSignIn,
  decideDeviceSignIn,
  openBrowserSignIn,
  openDeviceSignIn,
} from '#core/decide-cli-sign-in.ts';
import { finishBrowserSignIn, finishDeviceSignIn } from '#core/finish-cli-sign-in.ts';
import { startBrowserSignIn, startDeviceSignIn } from '#core/start-cli-sign-in.ts';
import { publicRoute, userRoute } from '../route.ts';

const shared = { method: 'post', tag: 'Signing in the CLI', bodyBytes: 4 * 1024 } as const;

/** Codes are in bodies, never in addresses, which end up in logs. */
export const cliSignInRoutes = [
  publicRoute(
    {
      ...shared,
      path: paths.browserSignIn,
      summary: 'Ask to sign in through a browser of this machine (authorization code, PKCE, loopback)',
      body: browserSignInInput,
      answer: browserSignInStarted,
    },
    async ({ core, body, req }) => ({
      body: await startBrowserSignIn(core, { ...body, address: req.ip ?? 'unknown' }),
    }),
  ),
  publicRoute(
    {
      ...shared,
      path: paths.browserSignInToken,
      summary: 'The token for a code that came back to the machine; a code works once, for a minute',
      body: browserTokenInput,
      answer: cliToken,
    },
    async ({ core, body }) => ({ body: await finishBrowserSignIn(core, body) }),
  ),
  publicRoute(
    {
      ...shared,
      path: paths.deviceSignIn,
      summary: 'Ask to sign in with a code that is confirmed in any browser (RFC 8628)',
      body: deviceSignInInput,
      answer: deviceSignInStarted,
    },
    async ({ core, body, req }) => ({ body: await startDeviceSignIn(core, { ...body, address: req.ip ?? 'unknown' }) }),
  ),
  publicRoute(
    {
      ...shared,
      path: paths.deviceSignInToken,
      summary: 'The token, once somebody confirmed; authorization_pending, slow_down, access_denied or expired_token',
      body: deviceTokenInput,
      answer: cliToken,
    },
    async ({ core, deps, res, body: { deviceCode, wait } }) => {
      const first = await finishDeviceSignIn(core, deviceCode, true);
      if (first.done) return { body: first.done };
      if (wait > 0) {
        // Begun before the row is read again, so that no decision falls between the two.
        const decided = deps.signIns.wait(first.id, Math.min(wait * 1000, first.leftMs), res);
        const meanwhile = await finishDeviceSignIn(core, deviceCode, false);
        if (meanwhile.done) return { body: meanwhile.done };
        // Not for who has gone away: the token would be given to nobody.
        const { done } = (await decided) ? await finishDeviceSignIn(core, deviceCode, false) : { done: null };
        if (done) return { body: done };
      }
      throw new HoopError('authorization_pending', 'Nobody has confirmed this sign-in yet.');
    },
  ),
  userRoute(
    {
      ...shared,
      path: paths.browserSignInOpen,
      summary: 'Which machine asks to sign in; decides nothing',
      body: browserSignInKey,
      answer: signInRequestView,
    },
    async ({ ctx, body }) => ({ body: await openBrowserSignIn(ctx, body.request) }),
  ),
  userRoute(
    {
      ...shared,
      path: paths.browserSignInDecide,
      summary: 'Confirm or deny it, in the console: where the browser is to go next',
      body: browserSignInDecision,
      answer: browserSignInAnswer,
    },
    async ({ ctx, body }) => ({ body: await decideBrowserSignIn(ctx, body) }),
  ),
  userRoute(
    {
      ...shared,
      path: paths.deviceSignInOpen,
      summary: 'Which machine asks to sign in with this code; decides nothing',
      body: deviceSignInKey,
      answer: signInRequestView,
    },
    async ({ ctx, body }) => ({ body: await openDeviceSignIn(ctx, body.userCode) }),
  ),
  userRoute(
    {
      ...shared,
      path: paths.deviceSignInDecide,
      summary: 'Confirm or deny it, in the console',
      body: deviceSignInDecision,
      statuses: [204],
    },
    async ({ ctx, deps, body }) => {
      deps.signIns.decided(await decideDeviceSignIn(ctx, body));
      return { status: 204 };
    },
  ),
];
