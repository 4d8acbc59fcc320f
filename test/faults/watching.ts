/** Watches sessions over the gateway's real stream, as the CLI of who asked does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { createMetrics } from '#api/metrics.ts';
import { createKeyboards } from '#api/relay/keyboards.ts';
import { createSessionFeed } from '#api/relay/session-feed.ts';
import { createSignInWaiters } from '#api/sign-in-waiters.ts';
import { createStreams } from '#api/stream.ts';
import { newToken } from '#core/passwords.ts';
import { listen } from '#db/notices.ts';
import { insertToken } from '#db/tokens.ts';
import { streamEvent, type EndEvent } from '#shared/stream-events.ts';
import type { FaultWorld } from './world.ts';

export interface Watching {
  /** Resolves with the last event of the session's stream, and fails when a second end follows. */
  end(sessionId: string): Promise<EndEvent>;
  close(): Promise<void>;
}

export async function openWatching({ core, made, people }: FaultWorld): Promise<Watching> {
  const feed = createSessionFeed();
  const notices = await listen({
    url: made.databaseUrl,
    onNotice: (notice) => {
      if (notice.kind === 'state') feed.publish(notice.id, { kind: 'state' });
    },
    onConnected: () => feed.publishAll(),
    onError: () => undefined,
  });
  const readiness = async () => [];
  const keyboards = createKeyboards([]);
  const streams = createStreams({
    core,
    feed,
    keyboards,
    signIns: createSignInWaiters(),
    metrics: createMetrics(),
    version: 'test',
    webRoot: null,
    readiness,
  });
  const server = createServer().on('upgrade', (request, socket, head) => {
    if (!streams.handleUpgrade(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { token, hash } = newToken('hoop_cli');
  const expiresAt = new Date(Date.now() + 3600_000);
  await insertToken(core.db, { hash, userId: people.asker.id, kind: 'cli', expiresAt });

  const end = (sessionId: string): Promise<EndEvent> =>
    new Promise((resolve, reject) => {
      const address = `ws://127.0.0.1:${port}/api/sessions/${sessionId}/stream?offset=0`;
      const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } });
      const ends: EndEvent[] = [];
      socket.on('message', (data: Buffer) => {
        const event = streamEvent.parse(JSON.parse(data.toString()));
        if (event.event === 'end') ends.push(event);
      });
      socket.once('error', reject);
      socket.once('close', (code) => {
        const [only] = ends;
        if (only && ends.length === 1) resolve(only);
        else reject(new Error(`the stream of ${sessionId} closed with ${code} after ${ends.length} ends`));
      });
    });
  return {
    end,
    async close() {
      await streams.close();
      server.close();
      server.closeAllConnections();
      await notices.close();
    },
  };
}
