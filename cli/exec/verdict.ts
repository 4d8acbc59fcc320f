/** How a session's end becomes an exit status and, when something went wrong, a sentence. */
import type { SessionDetail } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import { oneLine } from '#shared/safe-text.ts';
import type { EndEvent } from '#shared/stream-events.ts';

/** What is known here that explains an end. */
export interface OwnPart {
  what: 'command' | 'grant' | 'extension';
  /** It withdrew the request: on Ctrl-C, or because --wait was over. */
  withdrew: 'ctrl-c' | 'wait' | null;
  timeoutGiven: boolean;
}

export function exitStatus(end: EndEvent, own: OwnPart): number {
  switch (end.state) {
    case 'finished':
      return end.exitCode ?? exitCodes.failed;
    case 'ended': // a grant that was approved while Ctrl-C withdrew it is given back
      return own.what === 'grant' && own.withdrew === 'ctrl-c' ? exitCodes.interrupted : exitCodes.ok;
    case 'rejected':
    case 'revoked':
      return exitCodes.refused;
    case 'cancelled':
      if (own.withdrew === 'ctrl-c') return exitCodes.interrupted;
      return own.withdrew === 'wait' ? exitCodes.expired : exitCodes.refused;
    case 'expired':
    case 'lost':
      return exitCodes.expired;
    case 'failed':
      return own.timeoutGiven && end.cause === 'run_time' ? exitCodes.timeout : exitCodes.failed;
  }
}

/** Whether the one who ended it, and why, has to be asked for: the event alone need not say. */
export function needsDetail(end: EndEvent, own: OwnPart): boolean {
  if (end.state === 'rejected' || end.state === 'revoked') return true;
  return end.state === 'cancelled' && own.withdrew === null;
}

/** The last line for the person who waited; null when all is said by the output. */
export function endText(end: EndEvent, own: OwnPart, detail: SessionDetail | null): string | null {
  const why = end.message ? `: ${oneLine(end.message)}` : '';
  switch (end.state) {
    case 'finished':
      return end.message ? oneLine(end.message) : null;
    case 'ended':
      if (own.what === 'extension') return null; // whoever asked for it knows the new end
      if (own.withdrew === 'ctrl-c') return 'Withdrawn.';
      return `The grant has ended.${end.message ? ` ${oneLine(end.message)}` : ''}`;
    case 'rejected':
      return decided('Rejected', 'reject', end, detail);
    case 'revoked':
      return decided('Revoked', 'revoke', end, detail);
    case 'cancelled':
      if (own.withdrew === 'ctrl-c') return 'Withdrawn.';
      if (own.withdrew === 'wait') return 'Withdrawn: there was no approval within --wait.';
      return decided('Cancelled', 'cancel', end, detail);
    case 'expired':
      return `Expired before it ${own.what === 'command' ? 'ran' : 'began'}${why}`;
    case 'lost':
      if (own.what === 'grant') return `Lost: nobody can tell whether what ran under the grant has ended${why}`;
      return `Lost: nobody can tell whether the command ran to its end${why}`;
    case 'failed':
      return `Failed${why}`;
  }
}

function decided(
  word: string,
  verdict: SessionDetail['decisions'][number]['verdict'],
  end: EndEvent,
  detail: SessionDetail | null,
): string {
  const decision = detail?.decisions.findLast((candidate) => candidate.verdict === verdict);
  if (!decision) return end.message ? `${word}: ${oneLine(end.message)}` : `${word}.`;
  return `${word} by ${oneLine(decision.by.email)}${decision.reason ? `: ${oneLine(decision.reason)}` : '.'}`;
}
