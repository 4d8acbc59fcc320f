import { checkApiUrl, readCliConfig, saveCliConfig } from '#config/cli.ts';
import { paths } from '#shared/api-paths.ts';
import type { Me } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import { createClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { ask, askSecret } from '../prompt.ts';
import { readPasswordFromStdin } from '../read-input.ts';
import { say, usageError } from '../terminal.ts';

export interface LoginOptions {
  apiUrl?: string;
  email?: string;
  passwordStdin?: boolean;
}

export async function loginCommand({ args, options }: CommandCall<LoginOptions>): Promise<void> {
  checkArguments(args, 0, 'see hoop login --help');
  const config = readCliConfig();
  const apiUrl = options.apiUrl === undefined ? config.apiUrl : checkApiUrl(options.apiUrl);
  const email = options.email ?? (await askEmail(config.email));
  const password = options.passwordStdin ? await readPasswordFromStdin() : await askPassword(email, apiUrl);

  const client = createClient({ ...config, apiUrl, token: null });
  const { token, user } = await client.post<{ token: string | null; user: Me }>(paths.login, {
    email,
    password,
    kind: 'cli',
  });
  if (!token) throw new HoopError('internal', `${apiUrl} gave no token.`);
  saveCliConfig(config.home, { apiUrl, token, email: user.email });
  const groups = user.groups.length > 0 ? ` (${user.groups.join(', ')})` : '';
  say(`Signed in as ${user.email}${groups} at ${apiUrl}.`);
  if (config.tokenFromEnv) say('hoop: HOOP_TOKEN is set and stands above this login; unset it to use it.');
}

async function askEmail(last: string | null): Promise<string> {
  if (!process.stdin.isTTY) throw usageError('There is no terminal to ask on; give --email and --password-stdin.');
  const answer = (await ask(last === null ? 'E-mail: ' : `E-mail [${last}]: `)).trim() || last;
  if (!answer) throw usageError('An e-mail address is needed.');
  return answer;
}

async function askPassword(email: string, apiUrl: string): Promise<string> {
  if (!process.stdin.isTTY) throw usageError('There is no terminal to ask on; give --password-stdin.');
  const password = await askSecret(`Password of ${email} at ${apiUrl}: `);
  if (password === '') throw usageError('A password is needed.');
  return password;
}
