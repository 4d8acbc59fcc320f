/** Where in Slack the reviewers of a session are asked, and whether they can read it there. */
import { z } from 'zod';

export const askedChannel = z.object({
  channel: z.string().describe('As people call it'),
  posted: z.boolean().describe('The request can be read there'),
  problem: z
    .enum(['unavailable', 'refused'])
    .nullable()
    .describe('Why it cannot be brought up to date there: Slack does not answer, or does not let hoop post'),
  detail: z.string().nullable().describe('What Slack says, or what to do'),
});
export type AskedChannel = z.infer<typeof askedChannel>;

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
