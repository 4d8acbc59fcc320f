import { paths } from '#shared/api-paths.ts';
import type { Me } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import type { CliToken } from '#shared/sign-in-schemas.ts';
import type { ApiClient } from '../client.ts';
import { ask, askSecret } from '../prompt.ts';
import { readPasswordFromStdin } from '../read-input.ts';
import { usageError } from '../terminal.ts';

/** Asks for what is not given. `last`: who signed in before. */
export async function signInWithPassword(
  client: ApiClient,
  given: { email: string | undefined; passwordStdin: boolean; last: string | null },
): Promise<CliToken> {
  const { apiUrl } = client.config;
  const email = given.email ?? (await askEmail(given.last));
  const password = given.passwordStdin ? await readPasswordFromStdin() : await askPassword(email, apiUrl);
  const input = { email, password, kind: 'cli' };
  const { token, user } = await client.post<{ token: string | null; user: Me }>(paths.login, input);
  if (!token) throw new HoopError('internal', `${apiUrl} gave no token.`);
  return { token, user };
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
