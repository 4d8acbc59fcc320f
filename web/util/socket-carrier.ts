/** A session's stream over a WebSocket of the browser, with output in binary frames. */
import { parseJson } from '#shared/parse-json.ts';
import { SessionLine, type Carrier, type CarrierEvents, type LineHandlers } from '#shared/session-line.ts';
import { binarySubprotocol, streamEvent, type StreamEvent } from '#shared/stream-events.ts';
import { fromBase64 } from './bytes.ts';
import { heartbeatSeconds, streamAddress } from './stream-address.ts';

/** Browsers say 1006 of a line that broke. */
const broken = 1006;

/** `offset`: the byte to begin at. */
export function sessionLine(
  sessionId: string,
  handlers: LineHandlers<Uint8Array>,
  offset: number,
): SessionLine<Uint8Array> {
  return new SessionLine({
    carry: (from, events) => new SocketCarrier(streamAddress(sessionId, from), events),
    bytesOf: ({ data, encoding }) => (encoding === 'base64' ? fromBase64(data) : new TextEncoder().encode(data)),
    parse,
    handlers,
    offset,
    heartbeatSeconds,
  });
}

/** Events of a newer gateway that this page does not know are passed over. */
function parse(text: string): StreamEvent | undefined {
  return streamEvent.safeParse(parseJson(text)).data;
}

class SocketCarrier implements Carrier {
  private readonly events: CarrierEvents<Uint8Array>;
  private readonly socket: WebSocket;

  constructor(address: string, events: CarrierEvents<Uint8Array>) {
    this.events = events;
    const socket = new WebSocket(address, [binarySubprotocol]);
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.opened();
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') events.text(data);
      else events.binary(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => events.closed(code, reason);
  }

  send(message: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(message);
    return true;
  }

  close(): void {
    this.letGo();
  }

  drop(): void {
    this.letGo();
    queueMicrotask(() => this.events.closed(broken, 'dropped'));
  }

  /** A line that is dead says good-bye late; nobody waits for that. */
  private letGo(): void {
    const { socket } = this;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
