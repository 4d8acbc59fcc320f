/** Signs in through a browser of this machine: authorization code with PKCE, to a port of 127.0.0.1. */
import { createHash, randomBytes } from 'node:crypto';
import type { LocalBrowser } from '#config/cli.ts';
import { paths } from '#shared/api-paths.ts';
import { HoopError } from '#shared/errors.ts';
import { showInvisible } from '#shared/safe-text.ts';
import type { BrowserSignInInput, BrowserSignInStarted, CliToken } from '#shared/sign-in-schemas.ts';
import type { ApiClient } from '../client.ts';
import { say } from '../terminal.ts';
import { checkPage, machineName, needsGateway } from './gateway-page.ts';
import { listenForCode, type Loopback } from './loopback.ts';

const random = () => randomBytes(32).toString('base64url');

export async function signInWithBrowser(client: ApiClient, browser: LocalBrowser): Promise<CliToken> {
  const [verifier, state] = [random(), random()];
  const loopback = await listenForCode(state);
  try {
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const input: BrowserSignInInput = { host: machineName(), challenge, state, port: loopback.port };
    const started = await needsGateway(client, client.post<BrowserSignInStarted>(paths.browserSignIn, input));
    await show(browser, checkPage(started.url));
    const code = await withinSeconds(loopback.code, started.expiresIn);
    const signedIn = await client.post<CliToken>(paths.browserSignInToken, { code, verifier });
    await finish(loopback, 'Signed in', `You are signed in as ${signedIn.user.email} in the terminal.`);
    return signedIn;
  } catch (error) {
    await finish(loopback, 'Not signed in', error instanceof HoopError ? error.message : 'The terminal says why.');
    throw error;
  }
}

const finish = (loopback: Loopback, title: string, text: string): Promise<void> =>
  loopback.finish({ title, text: `${showInvisible(text)} You may close this tab.` });

async function show(browser: LocalBrowser, url: string): Promise<void> {
  say(`Confirm in the browser that opens now that you want to sign in:\n\n  ${url}\n`);
  try {
    await (await import('./open-browser.ts')).openBrowser(browser, url);
    say('If none opens, open this address yourself, on this machine; where there is no browser: hoop login --device');
  } catch (error) {
    say(`No browser could be opened (${(error as Error).message}).`);
    say('Open this address yourself, on this machine; where there is no browser: hoop login --device');
  }
}

async function withinSeconds(code: Promise<string>, seconds: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    const expired = new HoopError('expired_token', 'Nobody confirmed this sign-in in time. Type hoop login again.');
    timer = setTimeout(() => reject(expired), seconds * 1000);
  });
  return Promise.race([code, over]).finally(() => clearTimeout(timer));
}
