import { paths } from '#shared/api-paths.ts';
import { exitCodes } from '#shared/errors.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { printJson } from '../output.ts';
import { print, say } from '../terminal.ts';

interface AuditAnswer {
  ok: boolean;
  rows: number;
  firstBroken?: unknown;
}

export async function auditVerifyCommand({ options }: CommandCall<{ output?: 'json' }>): Promise<number> {
  // Reading a long log takes its time.
  const answer = await signedInClient().get<AuditAnswer>(paths.auditVerify, { timeoutMs: 600_000 });
  if (options.output === 'json') printJson(answer);
  else if (answer.ok) print(`The audit log is intact: ${answer.rows} rows.`);
  if (answer.ok) return exitCodes.ok;
  const row = typeof answer.firstBroken === 'object' ? JSON.stringify(answer.firstBroken) : String(answer.firstBroken);
  say(`hoop: the audit log is broken; the first broken row is ${row}.`);
  return exitCodes.failed;
}
