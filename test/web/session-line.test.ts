/** The line of a session's stream, over connections that the test holds in its hands. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeOutput } from '#shared/output-frame.ts';
import { SessionLine, type Carrier, type CarrierEvents } from '#shared/session-line.ts';
import type { StreamEvent } from '#shared/stream-events.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';

interface Connection extends CarrierEvents<Buffer> {
  offset: number;
  sent: (string | Uint8Array)[];
  state: 'open' | 'closed' | 'dropped';
}

/** Connections as a browser has them: they cannot be paused. `room`: what the reader asks for with a piece of output. */
function aLine(room: () => Promise<unknown> | undefined = () => undefined, heartbeatSeconds?: number) {
  const connections: Connection[] = [];
  const heard: string[] = [];
  const line = new SessionLine<Buffer>({
    carry(offset, events): Carrier {
      const connection: Connection = { ...events, offset, sent: [], state: 'open' };
      connections.push(connection);
      return {
        send: (message) => connection.state === 'open' && connection.sent.push(message) > 0,
        close: () => void (connection.state = 'closed'),
        drop() {
          connection.state = 'dropped';
          connection.closed(1006, '');
        },
      };
    },
    bytesOf: ({ data }) => Buffer.from(data),
    parse: (text) => JSON.parse(text) as StreamEvent,
    handlers: {
      event: ({ event }) => void heard.push(event),
      output({ offset, data }) {
        heard.push(`${offset}:${data.toString()}`);
        return room();
      },
      lost: (why) => void heard.push(why === 'silent' ? 'silent' : 'lost'),
      back: () => void heard.push('back'),
      refused: ({ code }) => void heard.push(code),
    },
    ...(heartbeatSeconds && { heartbeatSeconds }),
  });
  line.open();
  onTestFinished(() => line.close());
  const at = (n: number): Connection => {
    const connection = connections[n];
    if (!connection) throw new Error(`there is no connection ${n}`);
    return connection;
  };
  const says = (n: number, offset: number, text: string) =>
    at(n).binary(encodeOutput({ stream: 'stdout', offset, data: Buffer.from(text) }));
  return { line, heard, connections, at, says };
}

describe('the line of a session', () => {
  test('goes on at its byte after a connection broke, and hears each byte once', async () => {
    const { heard, connections, at, says } = aLine();
    says(0, 0, 'abc');
    at(0).closed(1006, '');
    await eventuallyPasses(() => expect(connections).toHaveLength(2));
    expect(at(1).offset).toBe(3);
    says(1, 1, 'bcd');
    says(1, 2, 'cd');
    expect(heard).toEqual(['0:abc', 'lost', 'back', '3:d']);
  });

  test('asks again for what is missing, and for what makes no sense', async () => {
    const { heard, connections, at, says } = aLine();
    says(0, 5, 'late');
    expect(at(0).state).toBe('dropped');
    await eventuallyPasses(() => expect(connections).toHaveLength(2));
    at(1).text('no JSON');
    expect(at(1).state).toBe('dropped');
    expect(heard.filter((what) => what.includes(':'))).toEqual([]);
  });

  test('gives a connection up while the reader has no room, and takes it up again at its byte', async () => {
    let makeRoom: () => void = () => undefined;
    const { heard, connections, at, says } = aLine(() => new Promise<void>((resolve) => (makeRoom = resolve)));
    says(0, 0, 'much');
    expect(at(0).state).toBe('closed');
    says(0, 4, 'more that was on its way');
    at(0).closed(1000, '');
    expect(heard).toEqual(['0:much']);
    makeRoom();
    await eventuallyPasses(() => expect(connections).toHaveLength(2));
    expect(at(1).offset).toBe(4);
    expect(heard).toEqual(['0:much']);
  });

  test('has another connection when this one is told to be dead, and hears of the old one no more', () => {
    const { line, heard, at, says } = aLine();
    says(0, 0, 'a');
    line.renew();
    expect(at(0).state).toBe('dropped');
    says(0, 1, 'from the dead');
    says(1, 1, 'b');
    expect(heard).toEqual(['0:a', 'lost', 'back', '1:b']);
    expect(line.send({ command: 'interrupt' })).toBe(true);
    expect(at(1).sent).toEqual(['{"command":"interrupt"}']);
  });

  test('that is silent for two of the heartbeats it promised is made anew, at its byte', async () => {
    const { heard, connections, at, says } = aLine(undefined, 60);
    at(0).text(JSON.stringify({ event: 'heartbeat', everySeconds: 0.02 }));
    says(0, 0, 'abc');
    await eventuallyPasses(() => expect(connections.length).toBeGreaterThan(1));
    expect(at(0).state).toBe('dropped');
    expect(at(1).offset).toBe(3);
    says(0, 3, 'from the dead');
    says(connections.length - 1, 2, 'cd');
    expect(heard).toEqual(['0:abc', 'silent', 'back', '3:d']);
  });

  test('is made anew when not even the connection comes about', async () => {
    const { heard, connections } = aLine(undefined, 0.02);
    await eventuallyPasses(() => expect(connections.length).toBeGreaterThan(2));
    expect(heard).toEqual(['silent']);
  });

  test('of a gateway that promises no heartbeat may be silent', async () => {
    const older = aLine(undefined, 0.02);
    older.at(0).text(JSON.stringify({ event: 'session' }));
    const other = aLine(undefined, 0.02);
    await eventuallyPasses(() => expect(other.connections.length).toBeGreaterThan(2));
    expect(older.heard).toEqual(['session']);
    expect(older.connections).toHaveLength(1);
  });

  test('ends for good when the gateway says that it is not for this person', () => {
    const { heard, connections, at } = aLine();
    at(0).closed(4403, 'not yours');
    expect(heard).toEqual(['not_allowed']);
    expect(connections).toHaveLength(1);
  });
});
