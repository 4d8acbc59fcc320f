/** Follows `GET /api/sessions/:id/stream` and takes it up again by offset when the line drops. */
import { LineSilence } from '#shared/line-silence.ts';
import { streamClose, streamEvent, type EndEvent } from '#shared/stream-events.ts';
import { parseJson } from '#shared/parse-json.ts';
import { onReturn } from './on-return.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { heartbeatSeconds, streamAddress } from './stream-address.ts';

export type StreamStatus = 'connecting' | 'open' | 'reconnecting' | 'silent' | 'ended' | 'refused';

export interface StreamHandlers {
  onStatus: (status: StreamStatus) => void;
  /** The session's state, the agent or the approvals changed. */
  onChange: () => void;
  onEnd: (event: EndEvent) => void;
  onSignedOut: () => void;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;
/** A line that held this long is sound. */
const steadyMs = 10_000;
const refusals: readonly number[] = [streamClose.notAllowed, streamClose.notFound];

/** Gives a function that lets go of the stream. */
export function followSession(id: string, buffer: OutputBuffer, handlers: StreamHandlers): () => void {
  let socket: WebSocket | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let delay = firstDelayMs;
  let done = false;

  const stop = (status?: StreamStatus) => {
    done = true;
    clearTimeout(again);
    silence.stop();
    stopListening();
    socket?.close();
    if (status) handlers.onStatus(status);
  };

  const take = (text: unknown) => {
    silence.heard();
    const event = parseEvent(text);
    if (!event) return;
    if (event.event === 'heartbeat') silence.beat(event.everySeconds);
    if (event.event === 'output') buffer.push(event);
    if (event.event === 'state') handlers.onChange();
    if (event.event !== 'end') return;
    buffer.finish();
    handlers.onEnd(event);
    stop('ended');
  };

  const connect = () => {
    const here = new WebSocket(streamAddress(id, buffer.nextOffset));
    const began = Date.now();
    socket = here;
    silence.begins();
    here.onopen = () => handlers.onStatus('open');
    here.onmessage = ({ data }) => {
      if (!done) take(data);
    };
    here.onclose = ({ code }) => {
      if (done) return;
      silence.stop();
      if (code === streamClose.notSignedIn) return (stop('refused'), handlers.onSignedOut());
      if (refusals.includes(code)) return stop('refused');
      handlers.onStatus('reconnecting');
      // A line that opens only to break again is no reason to come back faster.
      if (Date.now() - began > steadyMs) delay = firstDelayMs;
      again = setTimeout(connect, delay * (0.75 + Math.random() / 2));
      delay = Math.min(longestDelayMs, delay * 2);
    };
  };

  /** A line of before may be dead and never say so. */
  const renew = (status: StreamStatus) => {
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    socket?.close();
    clearTimeout(again);
    delay = firstDelayMs;
    handlers.onStatus(status);
    connect();
  };

  const silence = new LineSilence(heartbeatSeconds, () => renew('silent'));
  const stopListening = onReturn({ online: () => renew('reconnecting'), visible: () => silence.check() });
  handlers.onStatus('connecting');
  connect();
  return () => stop();
}

/** Events of a newer gateway that this page does not know are passed over. */
function parseEvent(text: unknown) {
  const parsed = streamEvent.safeParse(parseJson(String(text)));
  return parsed.success ? parsed.data : null;
}
