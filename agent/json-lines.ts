/** JSON lines over a stream socket, with a bound on the length of one. */
import type { Socket } from 'node:net';

/** An order of the largest size as JSON, with room for escapes. */
export const maxLineBytes = 64 * 1024 * 1024;

/** Calls `onLine` with each parsed line; a line that is no JSON or too long ends the connection. */
export function readJsonLines(socket: Socket, onLine: (value: unknown) => void): void {
  let parts: Buffer[] = [];
  let length = 0;
  socket.on('data', (data: Buffer) => {
    let from = 0;
    for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, from)) {
      parts.push(data.subarray(from, at));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      from = at + 1;
      try {
        onLine(JSON.parse(line));
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
    if (from < data.length) parts.push(data.subarray(from));
    length += data.length - from;
    if (length > maxLineBytes) socket.destroy(new Error(`a line of more than ${maxLineBytes} bytes`));
  });
}

export function writeJsonLine(socket: Socket, value: unknown): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(value)}\n`);
}
