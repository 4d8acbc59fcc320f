/** What becomes of a terminal, in sentences. */
import type { TerminalStatus } from './terminal-line.ts';

export interface TerminalWords {
  text: string;
  color: 'gray' | 'green' | 'orange' | 'red';
}

export function terminalWords({ line, state, message, end, isFull }: TerminalStatus, mayType: boolean): TerminalWords {
  if (end) return endWords(end.state, end.exitCode, end.message, end.cause);
  if (line === 'refused') return { text: message ?? 'The gateway does not let you see this terminal.', color: 'red' };
  if (line === 'broken' || line === 'silent') {
    const typed = mayType ? ' What you type is kept and sent then.' : '';
    const what =
      line === 'silent'
        ? 'The line is silent; reconnecting… The terminal goes on.'
        : 'The line broke; the terminal goes on. Connecting again…';
    return { text: what + typed, color: 'orange' };
  }
  if (state === 'running' && line === 'open') {
    if (isFull) return { text: 'What you typed waits to be taken by the program.', color: 'orange' };
    return { text: mayType ? 'Connected.' : 'You watch; only who asked for it types here.', color: 'green' };
  }
  if (state === 'running') return { text: 'Connecting…', color: 'gray' };
  return { text: message ?? 'It is about to begin…', color: 'gray' };
}

function endWords(state: string, exitCode: number | undefined, message = '', cause?: string): TerminalWords {
  const why = message === '' ? '' : ` ${message}`;
  if (state === 'finished') {
    return { text: `The program has ended with exit status ${exitCode ?? 'unknown'}.${why}`, color: 'gray' };
  }
  if (state === 'revoked')
    return { text: `The terminal was ended: the grant is over or revoked.${why}`, color: 'orange' };
  if (state === 'lost') return { text: `Nobody can tell how the program ended.${why}`, color: 'red' };
  if (cause === 'idle')
    return { text: `It was ended, since nothing was typed or written for long.${why}`, color: 'orange' };
  if (state === 'failed') return { text: `The terminal has failed.${why}`, color: 'red' };
  return { text: `It did not begin (${state}).${why}`, color: 'orange' };
}
