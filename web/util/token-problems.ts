/** Which of the two tokens each line of a refusal is about. */
import { slackTokens, type SlackToken } from '../data/slack.ts';

export interface TokenProblems extends Partial<Record<SlackToken, string>> {
  /** About both, or neither. */
  other?: string;
}

export function tokenProblems(message: string): TokenProblems {
  const problems: TokenProblems = {};
  for (const line of message.split('\n')) {
    const named = slackTokens.filter((token) => line.includes(token));
    const field = named.length === 1 && named[0] ? named[0] : 'other';
    const text = line.replace(/^config: /, '');
    problems[field] = problems[field] === undefined ? text : `${problems[field]}\n${text}`;
  }
  return problems;
}
