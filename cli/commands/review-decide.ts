import { paths } from '#shared/api-paths.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { exitCodes, HoopError } from '#shared/errors.ts';
import { signedInClient, type ApiClient } from '../client.ts';
import type { CommandCall, CommandRun } from '../definitions/define.ts';
import { checkArguments, durationOption } from '../options.ts';
import { printJson } from '../output.ts';
import { ask } from '../prompt.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { describeReview, kindText, summarizeSession } from '../session-text.ts';
import { print, say, usageError } from '../terminal.ts';

export interface DecideOptions {
  reason?: string;
  group?: string;
  duration?: string;
  force?: boolean;
  yes?: boolean;
  digest?: string;
  output?: 'json';
}

type Verdict = 'approve' | 'reject';

/** `review approve` and `review reject`. The decision names the digest of what was shown, and of nothing newer. */
export function decideCommand(verdict: Verdict): CommandRun<DecideOptions> {
  return async ({ args, options }: CommandCall<DecideOptions>) => {
    checkArguments(args, 1, 'one session at a time');
    checkOptions(verdict, options);
    const duration = options.duration === undefined ? undefined : durationOption('--duration', options.duration);
    const client = signedInClient();
    const id = await resolveSessionId(client, args[0] ?? '');
    const confirmed = await confirm(client, verdict, id, options);
    if (confirmed === null) {
      say('Nothing was decided.');
      return exitCodes.interrupted;
    }
    const { digest, reason } = confirmed;
    const decided = await client.post<SessionDetail>(paths.decisions(id), {
      verdict,
      digest,
      ...(reason === undefined ? {} : { reason }),
      ...(options.group === undefined ? {} : { group: options.group }),
      ...(duration === undefined ? {} : { duration }),
      ...(options.force ? { force: true } : {}),
    });
    if (options.output === 'json') printJson(decided);
    else print(outcome(verdict, decided));
    return exitCodes.ok;
  };
}

const onTerminal = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY);

function checkOptions(verdict: Verdict, { reason, force, yes, digest }: DecideOptions): void {
  if (digest !== undefined && !/^[0-9a-f]{64}$/.test(digest)) {
    throw usageError('--digest takes the 64 characters that hoop review show gives as digest.');
  }
  if (force && !reason?.trim()) throw usageError('--force needs --reason.');
  const asks = onTerminal() && !yes && digest === undefined;
  if (verdict === 'reject' && !reason?.trim() && !asks) throw usageError('A reject needs --reason.');
  if (asks || yes || digest !== undefined) return;
  throw usageError(
    'Without a terminal to ask on, name what was read: --digest <digest> (of hoop review show -o json), ' +
      'or --yes for the request as it is now.',
  );
}

/** What the decision is about, and why; null when the person does not want to. Shown first, unless they name it. */
async function confirm(
  client: ApiClient,
  verdict: Verdict,
  id: string,
  { reason, force, yes, digest, duration }: DecideOptions,
): Promise<{ digest: string; reason: string | undefined } | null> {
  if (digest !== undefined) return { digest, reason };
  const shown = await client.get<SessionDetail>(paths.session(id));
  if (duration !== undefined && shown.kind === 'exec') {
    throw usageError('--duration is for a request of connect; this one is of exec.');
  }
  process.stderr.write(`${onTerminal() ? describeReview(shown) : summarizeSession(shown)}\n`);
  if (yes) return { digest: shown.digest, reason };
  const may = (force ? shown.can.force : undefined) ?? shown.can[verdict];
  if (!may.allowed) throw new HoopError('not_allowed', may.why ?? `You may not ${verdict} this request.`);
  if (verdict === 'reject' && !reason?.trim()) {
    const typed = (await ask('Reason for rejecting it (none: decide nothing): ')).trim();
    return typed === '' ? null : { digest: shown.digest, reason: typed };
  }
  const what = verdict === 'approve' ? (force ? 'Force the approval of' : 'Approve') : 'Reject';
  const request = shown.kind === 'exec' ? 'this request' : `this request (${kindText(shown)})`;
  const shorter = duration === undefined ? '' : ` for ${duration}`;
  const answer = await ask(`${what} ${request}${shorter}? [y/N] `);
  return /^\s*y(es)?\s*$/i.test(answer) ? { digest: shown.digest, reason } : null;
}

function outcome(verdict: Verdict, session: SessionDetail): string {
  if (verdict === 'reject') return 'Rejected.';
  const missing = session.review.groups.filter(({ met }) => !met).map(({ group }) => group);
  if (session.state !== 'pending') return `Approved; the session is ${session.state}.`;
  if (missing.length > 0 && !session.review.forced) return `Approved; still asked: ${missing.join(', ')}.`;
  const { approvals, approvalsNeeded } = session.review;
  return approvals < approvalsNeeded ? `Approved; ${approvals} of ${approvalsNeeded} approvals.` : 'Approved.';
}
