/**
 * A server that listens before it can answer: its address must be known first. Who calls meanwhile waits until it can;
 * without anybody listening to it, a request would be taken and never answered. `/healthz` is answered at once: the
 * process is alive. Of the others, those who come too many or wait too long are told to come back.
 */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Handlers {
  onRequest: RequestListener;
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

const defaultLimits = { callers: 1000, waitMs: 15_000 };

interface Caller {
  answer(handlers: Handlers): void;
  sendAway(): void;
}

/** Gives the function that hands over everybody who waits, and from then on every caller at once. */
export function holdEarlyRequests(
  server: Server,
  limits: Partial<typeof defaultLimits> = {},
): (handlers: Handlers) => void {
  const { callers, waitMs } = { ...defaultLimits, ...limits };
  const waiting = new Map<Caller, NodeJS.Timeout>();
  let answering: Handlers | undefined;
  const take = (line: EventEmitter, caller: Caller): void => {
    if (answering) return caller.answer(answering);
    if (waiting.size >= callers) return caller.sendAway();
    const leave = (): void => {
      clearTimeout(waiting.get(caller));
      waiting.delete(caller);
    };
    const patience = setTimeout(() => {
      leave();
      caller.sendAway();
    }, waitMs);
    waiting.set(caller, patience);
    line.once('close', leave);
  };
  server.on('request', (request, response) => {
    if (!answering && request.url === '/healthz') {
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end('{"ok":true}');
      return;
    }
    take(response, {
      answer({ onRequest }) {
        if (!response.destroyed) onRequest(request, response);
      },
      sendAway() {
        response.writeHead(503, { 'retry-after': '1', connection: 'close' });
        response.end();
      },
    });
  });
  server.on('upgrade', (request, socket, head) => {
    // A line that breaks while it waits or is turned away must not take the process with it.
    socket.on('error', () => socket.destroy());
    take(socket, {
      answer({ onUpgrade }) {
        if (!socket.destroyed) onUpgrade(request, socket, head);
      },
      sendAway() {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\r\n');
      },
    });
  });
  return (handlers) => {
    answering = handlers;
    for (const [caller, patience] of waiting) {
      clearTimeout(patience);
      caller.answer(handlers);
    }
    waiting.clear();
  };
}
