import type { WebSocket } from 'ws';

const pingEveryMs = 10_000;

/** A line whose other end is silently gone is cut after two missed pings. */
export function keepAlive(socket: WebSocket): void {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, pingEveryMs);
  socket.on('close', () => clearInterval(timer));
  socket.on('error', () => socket.terminate());
}
