import { paths } from '#shared/api-paths.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall, CommandRun } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printJson } from '../output.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { summarizeSession } from '../session-text.ts';
import { print, usageError } from '../terminal.ts';

export interface DecideOptions {
  reason?: string;
  group?: string;
  force?: boolean;
  output?: 'json';
}

/** `review approve` and `review reject`. The decision names the digest of what was shown here, and of nothing newer. */
export function decideCommand(verdict: 'approve' | 'reject'): CommandRun<DecideOptions> {
  return async ({ args, options }: CommandCall<DecideOptions>) => {
    checkArguments(args, 1, 'one session at a time');
    if (options.force && !options.reason?.trim()) throw usageError('--force needs --reason.');
    const client = signedInClient();
    const id = await resolveSessionId(client, args[0] ?? '');
    const shown = await client.get<SessionDetail>(paths.session(id));
    process.stderr.write(`${summarizeSession(shown)}\n`);
    const decided = await client.post<SessionDetail>(paths.decisions(id), {
      verdict,
      digest: shown.digest,
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.group === undefined ? {} : { group: options.group }),
      ...(options.force ? { force: true } : {}),
    });
    if (options.output === 'json') return printJson(decided);
    print(outcome(verdict, decided));
  };
}

function outcome(verdict: 'approve' | 'reject', session: SessionDetail): string {
  if (verdict === 'reject') return 'Rejected.';
  const missing = session.review.groups.filter(({ met }) => !met).map(({ group }) => group);
  if (session.state !== 'pending') return `Approved; the session is ${session.state}.`;
  if (missing.length > 0 && !session.review.forced) return `Approved; still asked: ${missing.join(', ')}.`;
  const { approvals, approvalsNeeded } = session.review;
  return approvals < approvalsNeeded ? `Approved; ${approvals} of ${approvalsNeeded} approvals.` : 'Approved.';
}
