import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Feed } from './feed.ts';

const PING_MS = 20_000;

/**
 * Tells pages what has changed. A WebSocket rather than server-sent events, of which a browser allows six an address:
 * the seventh tab would hang.
 */
export class LiveFeed {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  private readonly feed: Feed;

  constructor(feed: Feed) {
    this.feed = feed;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { origin, host } = request.headers;
    // Any page may open a WebSocket to here; only our own may listen.
    if (origin !== undefined && origin !== `http://${host}`) {
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.server.handleUpgrade(request, stream, head, (socket) => {
      const stop = this.feed.watch((change) => socket.send(JSON.stringify(change)));
      const beat = setInterval(() => socket.ping(), PING_MS);
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        stop();
        clearInterval(beat);
      });
    });
  }

  close(): void {
    this.server.clients.forEach((socket) => socket.terminate());
    this.server.close();
  }
}
