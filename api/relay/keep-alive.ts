import type { WebSocket } from 'ws';

const pingEveryMs = 10_000;

export interface KeptLine {
  /** Of the last ping that was answered; null: none was yet. */
  roundTripMs(): number | null;
}

/** A line whose other end is silently gone is cut after two missed pings. */
export function keepAlive(socket: WebSocket): KeptLine {
  let answered = true;
  let sentAt = 0;
  let roundTripMs: number | null = null;
  socket.on('pong', () => {
    if (!answered) roundTripMs = performance.now() - sentAt;
    answered = true;
  });
  const ping = (): void => {
    answered = false;
    sentAt = performance.now();
    socket.ping();
  };
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    if (socket.readyState === socket.OPEN) ping();
  }, pingEveryMs);
  socket.on('close', () => clearInterval(timer));
  socket.on('error', () => socket.terminate());
  if (socket.readyState === socket.OPEN) ping();
  return { roundTripMs: () => roundTripMs };
}
