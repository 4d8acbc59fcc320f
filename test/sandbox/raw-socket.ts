import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { clientOf, type Installed, type TestSandbox } from './support.ts';

export interface Envelope {
  envelope_id: string;
  type: string;
  accepts_response_payload: boolean;
  retry_attempt?: number;
  retry_reason?: string;
  payload: { event_id: string; event: { text: string }; response_url: string; trigger_id: string };
}

/** A Socket Mode connection without a client library, which shows every frame. Acknowledges unless told otherwise, with what `ack` gives. */
export async function openSocket(
  sandbox: TestSandbox,
  tokens: Installed,
  options: { ack?: boolean | (() => boolean | object); url?: string } = {},
) {
  const url = options.url ?? (await clientOf(sandbox, tokens.appToken).apps.connections.open({})).url!;
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  const payloads: Envelope[] = [];
  const send = (frame: object) => socket.send(JSON.stringify(frame));
  const hello = await new Promise<Record<string, unknown>>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Envelope;
      if (!frame.envelope_id) return resolve(frame as unknown as Record<string, unknown>);
      payloads.push(frame);
      const { ack = true } = options;
      const answer = typeof ack === 'function' ? ack() : ack;
      if (answer) send({ envelope_id: frame.envelope_id, payload: answer === true ? {} : answer });
    });
  });
  return { url, socket, hello, payloads, send };
}
