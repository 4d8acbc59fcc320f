/** Sign-ins of the `hoop` command that wait for somebody to confirm them. */
import { queryOptions } from '@tanstack/react-query';
import { paths } from '#shared/api-schemas.ts';
import { browserSignInAnswer, signInRequestView, type SignInVerdict } from '#shared/sign-in-schemas.ts';
import { ask, askFor } from './ask.ts';

/** A request does not change, and of codes only so many may be tried: it is read once. */
const once = { staleTime: 'static', gcTime: 0 } as const;

export const browserSignInQuery = (request: string) =>
  queryOptions({
    queryKey: ['cli-sign-in', 'browser', request],
    queryFn: ({ signal }) =>
      askFor(signInRequestView, paths.browserSignInOpen, { method: 'POST', body: { request }, signal }),
    ...once,
  });

export const decideBrowserSignIn = (request: string, verdict: SignInVerdict) =>
  askFor(browserSignInAnswer, paths.browserSignInDecide, { method: 'POST', body: { request, verdict } });

export const deviceSignInQuery = (userCode: string) =>
  queryOptions({
    queryKey: ['cli-sign-in', 'device', userCode],
    queryFn: ({ signal }) =>
      askFor(signInRequestView, paths.deviceSignInOpen, { method: 'POST', body: { userCode }, signal }),
    ...once,
  });

export const decideDeviceSignIn = async (userCode: string, verdict: SignInVerdict) =>
  void (await ask(paths.deviceSignInDecide, { method: 'POST', body: { userCode, verdict } }));
