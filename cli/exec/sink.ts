/** Where output goes: the bytes as they are, or events as JSON lines. */
import { isUtf8 } from 'node:buffer';
import { isOutput, type OutputChunk } from '#shared/output-frame.ts';
import type { StreamEvent } from '#shared/stream-events.ts';

type OtherEvent = Exclude<StreamEvent, { event: 'output' }>;

export interface Sink {
  /** A promise when the reader is slow: it resolves once there is room again. */
  output(chunk: OutputChunk): Promise<unknown> | undefined;
  event(event: OtherEvent): Promise<unknown> | undefined;
}

export function createSink(json: boolean): Sink {
  return json ? jsonSink() : plainSink();
}

function plainSink(): Sink {
  return {
    output: (chunk) => (isOutput(chunk) ? write(process[chunk.stream], chunk.data) : undefined),
    event: () => undefined,
  };
}

function jsonSink(): Sink {
  const line = (event: StreamEvent) => write(process.stdout, `${JSON.stringify(event)}\n`);
  return {
    output: (chunk) => {
      if (!isOutput(chunk)) return undefined;
      const { stream, offset, data } = chunk;
      const encoding = isUtf8(data) ? 'utf8' : 'base64';
      return line({ event: 'output', stream, offset, data: data.toString(encoding), encoding });
    },
    event: line,
  };
}

/** Of streams whose reader is slow: all that is written meanwhile waits for the same. */
const rooms = new WeakMap<NodeJS.WriteStream, Promise<void>>();

function write(stream: NodeJS.WriteStream, data: Buffer | string): Promise<unknown> | undefined {
  if (stream.write(data) || stream.destroyed || stream.errored) return undefined;
  const room = rooms.get(stream) ?? roomIn(stream);
  rooms.set(stream, room);
  return room;
}

/** A reader that goes away makes room, too: for stderr the rest is then dropped, for stdout hoop ends (main.ts). */
function roomIn(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'error', 'close']) stream.off(event, done);
      rooms.delete(stream);
      resolve();
    };
    for (const event of ['drain', 'error', 'close']) stream.on(event, done);
  });
}
