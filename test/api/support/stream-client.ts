import { WebSocket } from 'ws';
import { decodeOutput, type OutputChunk } from '#shared/output-frame.ts';
import { streamEvent, type StreamEvent } from '#shared/stream-events.ts';
import { eventually } from '#test/support/eventually.ts';
import type { TestApi } from './api.ts';

export interface StreamClient {
  socket: WebSocket;
  /** Text frames so far, each checked against the schema. */
  events: StreamEvent[];
  /** Binary frames so far. */
  chunks: OutputChunk[];
  /** The output in text frames so far, both streams in order of arrival. */
  output(): Buffer;
  waitFor<E extends StreamEvent['event']>(
    event: E,
    matching?: (event: Extract<StreamEvent, { event: E }>) => boolean,
  ): Promise<Extract<StreamEvent, { event: E }>>;
  /** The close code. */
  closed: Promise<number>;
}

export interface StreamClientOptions {
  offset?: number | string;
  /** The wish for heartbeats, in seconds. */
  heartbeat?: number | string;
  protocols?: string[];
  headers?: Record<string, string>;
}

export function openStream(api: Pick<TestApi, 'url'>, id: string, options: StreamClientOptions): StreamClient {
  const wish = options.heartbeat === undefined ? '' : `&heartbeat=${options.heartbeat}`;
  const address = `${api.url.replace('http', 'ws')}/api/sessions/${id}/stream?offset=${options.offset ?? 0}${wish}`;
  const socket = new WebSocket(address, options.protocols ?? [], { headers: options.headers });
  const events: StreamEvent[] = [];
  const chunks: OutputChunk[] = [];
  socket.on('message', (data, isBinary) => {
    if (isBinary) chunks.push(decodeOutput(data as Buffer));
    else events.push(streamEvent.parse(JSON.parse((data as Buffer).toString())));
  });
  const closed = new Promise<number>((resolve, reject) => {
    socket.once('close', resolve);
    socket.once('error', reject);
  });
  closed.catch(() => undefined);
  return {
    socket,
    events,
    chunks,
    closed,
    output: () =>
      Buffer.concat(events.map((e) => (e.event === 'output' ? Buffer.from(e.data, e.encoding) : Buffer.alloc(0)))),
    waitFor: (event, matching) =>
      eventually(
        () => {
          const found = events.filter((e): e is Extract<StreamEvent, { event: typeof event }> => e.event === event);
          return found.find((e) => matching?.(e) ?? true);
        },
        { describe: () => `event ${event}; seen ${JSON.stringify(events).slice(0, 1500)}` },
      ),
  };
}
