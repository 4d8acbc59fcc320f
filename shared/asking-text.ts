/** What keeps reviewers from reading a request in Slack, in sentences; the CLI shows them and loads no schema library. */
import type { AskedChannel } from './asked-channels.ts';

/** A sentence each for what keeps reviewers from reading it in Slack; none when all of them can, or soon will. */
export function askingProblems(asked: AskedChannel[], url: string): string[] {
  const missing = asked.filter(({ posted }) => !posted);
  const away = missing.filter(({ problem }) => problem === 'unavailable').map(({ channel }) => channel);
  const refused = missing.filter(({ problem }) => problem === 'refused');
  const instead = `reviewers can decide at ${url}`;
  const lines: string[] = [];
  if (away.length > 0) {
    lines.push(`Slack does not answer right now, so nothing is posted in ${away.join(', ')} yet; ${instead}`);
  }
  for (const { channel, detail } of refused) {
    lines.push(`Nothing is posted in ${channel}: ${(detail ?? 'Slack refuses it').replace(/\.$/, '')}; ${instead}`);
  }
  return lines;
}
