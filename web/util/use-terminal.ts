import { useCallback, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { inputWindowBytes } from '#shared/input-frame.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import { sessionChanged } from '../data/sessions.ts';
import type { TerminalHandle } from '../ui/lazy-terminal.tsx';
import { TerminalLine, type TerminalStatus } from './terminal-line.ts';

/** As much as may be on its way at once. */
export const mostPastedBytes = inputWindowBytes;

/** A terminal and its line, from when the screen is there until it goes. */
export function useTerminal(session: SessionDetail, mayType: boolean) {
  const client = useQueryClient();
  const line = useRef<TerminalLine>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [status, setStatus] = useState<TerminalStatus>({
    line: 'connecting',
    state: session.state,
    message: null,
    end: null,
    isFull: false,
  });

  const onReady = useCallback(
    (screen: TerminalHandle) => {
      const leaving = new AbortController();
      const follow = (offset: number) => {
        line.current = new TerminalLine({
          ...{ sessionId: session.id, state: session.state, screen, offset, mayType },
          onStatus(next) {
            setStatus(next);
            if (next.end) sessionChanged(client, session.id);
          },
        });
      };
      begin(session, screen, mayType, leaving.signal).then(
        (offset) => {
          if (leaving.signal.aborted) return;
          follow(offset);
          if (mayType) screen.focus();
        },
        (error: unknown) => {
          if (!leaving.signal.aborted) setProblem(error);
        },
      );
      return () => {
        leaving.abort();
        line.current?.close();
        line.current = null;
      };
    },
    [client, session, mayType],
  );
  const type = useCallback((data: Uint8Array) => line.current?.type(data), []);
  const resize = useCallback((size: TerminalSize) => line.current?.resize(size), []);
  return { status, onReady, type, resize, problem };
}

/** Draws what is on the screen already; gives the byte that follows. */
async function begin(
  session: SessionDetail,
  screen: TerminalHandle,
  isFitted: boolean,
  signal: AbortSignal,
): Promise<number> {
  if (session.outputBytes === 0) return 0;
  const { redrawTerminal } = await import('./redraw-terminal.ts');
  const drawn = await redrawTerminal(session, isFitted ? screen.size() : null, signal);
  screen.resize(drawn.size);
  await screen.write(drawn.screen);
  return drawn.offset;
}
