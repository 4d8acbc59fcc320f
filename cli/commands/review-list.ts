import { paths } from '#shared/api-paths.ts';
import type { SessionView } from '#shared/api-schemas.ts';
import { signedInClient, withQuery } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments, wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { kindText } from '../session-text.ts';
import { say, usageError } from '../terminal.ts';
import { localStamp, timeLeft } from '../times.ts';

export interface ReviewListOptions {
  state?: string;
  all?: boolean;
  limit: string;
  output?: 'json';
}

export async function reviewListCommand({ args, options }: CommandCall<ReviewListOptions>): Promise<void> {
  checkArguments(args, 0, 'see hoop review list --help');
  if (options.all && options.state !== undefined && options.state !== 'all') {
    throw usageError('--all is --state all; give one of them.');
  }
  const state = options.all ? 'all' : (options.state ?? 'pending');
  if (!['pending', 'decided', 'all'].includes(state)) {
    throw usageError(`--state takes pending, decided or all, not ${JSON.stringify(state)}.`);
  }
  const query = { state, limit: wholeNumber('--limit', options.limit) };
  const reviews = await signedInClient().get<SessionView[]>(withQuery(paths.reviews, query));
  if (options.output === 'json') return printJson(reviews);
  if (reviews.length === 0) return say(state === 'pending' ? 'Nothing waits for a decision.' : 'No reviews.');
  printTable(
    ['ID', 'FOR YOU', 'STATE', 'CONNECTION', 'KIND', 'REQUESTER', 'GROUPS', 'UNTIL', 'REASON'],
    reviews.map((session) => [
      session.id,
      session.review.waitsForMe ? 'yes' : '-',
      session.state,
      session.connection,
      kindText(session),
      session.requester.email,
      session.review.groups.map(({ group, met }) => (met ? `${group} (approved)` : group)).join(', ') || '-',
      session.state === 'pending' ? `${localStamp(session.expiresAt)} (${timeLeft(session.expiresAt)})` : '-',
      session.reason || '-',
    ]),
  );
  if (state !== 'pending' || reviews.some(({ review }) => review.waitsForMe)) return;
  say('None of these waits for your decision.');
}
