/** A token of a person of a running stack, who gets a password for it. */
import type { Stack } from './stack.ts';

const password = 'a long password';

export async function tokenOf(hoop: Stack, email: string): Promise<string> {
  const saved = hoop.hoop(['admin', 'create', 'user', email, '--overwrite', '--password-stdin']);
  saved.child.stdin.end(password);
  const { code, stderr } = await saved.ended;
  if (code !== 0) throw new Error(`password of ${email}: ${stderr}`);
  const answer = await fetch(`${hoop.apiUrl}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password, kind: 'cli' }),
  });
  return ((await answer.json()) as { token: string }).token;
}
