/** A proxy between a browser and a gateway that stands still when a test says so: the streams of sessions alone. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface FreezingProxy {
  url: string;
  /** Streams that are open say and hear nothing from now on, not even their end; new ones wait until `thaw`. */
  freeze(): void;
  /** What waits and what comes passes again; what was open when it froze stays as it is. */
  thaw(): void;
  close(): Promise<void>;
}

/** Pages that come through it are promised a heartbeat every second, whatever they wished for. */
export async function startFreezingProxy(gatewayUrl: string): Promise<FreezingProxy> {
  const target = new URL(gatewayUrl);
  const sockets = new Set<Socket>();
  const streams = new Set<{ dead: boolean }>();
  let waiting: (() => void)[] = [];
  let frozen = false;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    let head = Buffer.alloc(0);
    const onHead = (data: Buffer): void => {
      head = Buffer.concat([head, data]);
      if (!head.includes('\r\n\r\n')) return;
      client.off('data', onHead);
      client.pause();
      const isStream = /^GET \/api\/sessions\/[^/]+\/stream\?/.test(head.toString('latin1'));
      const begin = () => join(client, upstream, head, isStream);
      if (isStream && frozen) waiting.push(begin);
      else begin();
    };
    client.on('data', onHead);
  });

  function join(client: Socket, upstream: Socket, head: Buffer, isStream: boolean): void {
    const stream = { dead: false };
    if (isStream) streams.add(stream);
    const asked = head.toString('latin1').replace(/^(GET [^ ]*[?&]heartbeat=)[\d.]+/, '$11');
    upstream.write(isStream ? Buffer.from(asked, 'latin1') : head);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (data: Buffer) => stream.dead || to.write(data));
      from.on('close', () => stream.dead || to.destroy());
    }
    client.resume();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze() {
      frozen = true;
      for (const stream of streams) stream.dead = true;
      streams.clear();
    },
    thaw() {
      frozen = false;
      for (const begin of waiting.splice(0)) begin();
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      waiting = [];
      await once(server, 'close');
    },
  };
}
