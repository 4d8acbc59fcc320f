import { checkApiUrl, localBrowser, readCliConfig, saveCliConfig } from '#config/cli.ts';
import { exitCodes } from '#shared/errors.ts';
import type { CliToken } from '#shared/sign-in-schemas.ts';
import { createClient, type ApiClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { signInWithPassword } from '../login/with-password.ts';
import { checkArguments } from '../options.ts';
import { say, usageError } from '../terminal.ts';

export interface LoginOptions {
  apiUrl?: string;
  email?: string;
  passwordStdin?: boolean;
  device?: boolean;
}

export async function loginCommand({ args, options }: CommandCall<LoginOptions>): Promise<number | void> {
  checkArguments(args, 0, 'see hoop login --help');
  const config = readCliConfig();
  const apiUrl = options.apiUrl === undefined ? config.apiUrl : checkApiUrl(options.apiUrl);
  const client = createClient({ ...config, apiUrl, token: null });
  const signedIn = await signIn(client, options, config.email);
  if (signedIn === 'interrupted') return exitCodes.interrupted;
  const { token, user } = signedIn;
  saveCliConfig(config.home, { apiUrl, token, email: user.email });
  const groups = user.groups.length > 0 ? ` (${user.groups.join(', ')})` : '';
  say(`Signed in as ${user.email}${groups} at ${apiUrl}.`);
  if (config.tokenFromEnv) say('hoop: HOOP_TOKEN is set and stands above this login; unset it to use it.');
}

async function signIn(client: ApiClient, options: LoginOptions, last: string | null) {
  const { email, passwordStdin = false, device = false } = options;
  if (email !== undefined || passwordStdin) {
    if (device) throw usageError('--device signs in without a password; leave out --email and --password-stdin.');
    return signInWithPassword(client, { email, passwordStdin, last });
  }
  // Where nobody looks at this terminal, nobody sees a browser that it opens.
  const browser = device || !process.stderr.isTTY ? undefined : localBrowser();
  return unlessInterrupted(
    browser
      ? (await import('../login/with-browser.ts')).signInWithBrowser(client, browser)
      : (await import('../login/with-device.ts')).signInWithDevice(client),
  );
}

async function unlessInterrupted(work: Promise<CliToken>): Promise<CliToken | 'interrupted'> {
  let leave = (): void => undefined;
  const interrupted = new Promise<'interrupted'>((resolve) => {
    leave = () => resolve('interrupted');
    process.once('SIGINT', leave);
  });
  const outcome = await Promise.race([work, interrupted]).finally(() => process.removeListener('SIGINT', leave));
  if (outcome === 'interrupted') say('\nNot signed in.');
  return outcome;
}
