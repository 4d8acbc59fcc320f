import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { holdEarlyRequests, type Handlers } from '../../workers/parts/early-requests.ts';
import { eventually } from '../support/eventually.ts';

async function listening(
  limits?: Parameters<typeof holdEarlyRequests>[1],
): Promise<{ server: Server; port: number; answer: (handlers: Handlers) => void }> {
  const server = createServer();
  const answer = holdEarlyRequests(server, limits);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, answer };
}

function handlers(): Handlers {
  const sockets = new WebSocketServer({ noServer: true });
  onTestFinished(() => sockets.clients.forEach((client) => client.terminate()));
  return {
    onRequest: (_request, response) => void response.end('here'),
    onUpgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (client) => client.send('welcome')),
  };
}

test('who calls a gateway that is still starting is answered once it can, request and line alike', async () => {
  const { server, port, answer } = await listening();
  let calls = 0;
  for (const event of ['request', 'upgrade']) server.on(event, () => (calls += 1));
  const page = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
  const line = new WebSocket(`ws://127.0.0.1:${port}/`);
  const word = once(line, 'message').then(([data]) => String(data));
  await eventually(() => calls === 2, { describe: 'both have called' });
  answer(handlers());
  expect(await Promise.all([page, word])).toEqual(['here', 'welcome']);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
});

test('a gateway that is still starting says at once that it is alive', async () => {
  const { port, answer } = await listening();
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(45_000) });
  expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
  answer(handlers());
  expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()).toBe('here');
});

test('who waits too long for it, or comes when too many wait, is told to come back', async () => {
  const late = await listening({ waitMs: 20 });
  expect((await fetch(`http://127.0.0.1:${late.port}/`)).status).toBe(503);
  const [problem] = (await once(new WebSocket(`ws://127.0.0.1:${late.port}/`), 'error')) as [Error];
  expect(problem.message).toBe('Unexpected server response: 503');

  const { server, port, answer } = await listening({ callers: 2 });
  let calls = 0;
  server.on('request', () => (calls += 1));
  const gaveUp = new AbortController();
  const address = `http://127.0.0.1:${port}/`;
  const first = fetch(address, { signal: gaveUp.signal }).catch(() => 'gave up');
  const second = fetch(address);
  await eventually(() => calls === 2, { describe: 'both wait' });
  expect((await fetch(address)).status).toBe(503);
  gaveUp.abort();
  expect(await first).toBe('gave up');
  answer(handlers());
  expect((await second).status).toBe(200);
});
