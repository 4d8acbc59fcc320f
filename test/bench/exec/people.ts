/** Who takes part in a sample. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signIn } from '../lib/api.ts';
import type { BenchHoop } from '../lib/hoop.ts';
import { signInAdmin } from '../lib/stage.ts';
import { freeConnection, type Bench } from './measures.ts';

const reviewer = { email: 'reviewer@bench.example', password: 'bench-reviewer-password' };

/** The admin asks; somebody in both groups decides; and there is a connection where nobody has to. */
export async function people(hoop: BenchHoop): Promise<Pick<Bench, 'requester' | 'reviewer'>> {
  const secret = join(hoop.home, 'reviewer-password');
  await writeFile(secret, reviewer.password, { mode: 0o600 });
  await hoop.cli(['admin', 'create', 'user', reviewer.email, '--groups', 'admin,sre', '--password-stdin'], {
    stdin: secret,
  }).ended;
  await hoop.cli(['admin', 'create', 'conn', freeConnection, '--agent', 'default', '--', 'sh']).ended;
  return { requester: await signInAdmin(hoop), reviewer: await signIn(hoop.run.apiUrl, reviewer) };
}
