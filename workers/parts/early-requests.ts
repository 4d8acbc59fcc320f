/**
 * A server that listens before it can answer: its address must be known first. Who calls meanwhile waits until it can;
 * without anybody listening to it, a request would be taken and never answered.
 */
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Handlers {
  onRequest: RequestListener;
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Gives the function that hands over everybody who waits, and from then on every caller at once. */
export function holdEarlyRequests(server: Server): (handlers: Handlers) => void {
  let waiting: ((handlers: Handlers) => void)[] | undefined = [];
  let answering: Handlers | undefined;
  const take = (answer: (handlers: Handlers) => void): void => {
    if (answering) answer(answering);
    else waiting?.push(answer);
  };
  server.on('request', (request, response) => {
    take(({ onRequest }) => {
      if (!response.destroyed) onRequest(request, response);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    // A line that breaks while it waits or is turned away must not take the process with it.
    socket.on('error', () => socket.destroy());
    take(({ onUpgrade }) => {
      if (!socket.destroyed) onUpgrade(request, socket, head);
    });
  });
  return (handlers) => {
    answering = handlers;
    waiting?.forEach((answer) => answer(handlers));
    waiting = undefined;
  };
}
