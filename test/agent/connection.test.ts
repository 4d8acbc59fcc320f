import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createBackoff } from '#agent/backoff.ts';
import { connectAddress, createGatewayConnection, isOutOfReach } from '#agent/gateway-connection.ts';
import { openHome } from '#agent/home.ts';
import { openEnrolment, openIdentity } from '#agent/identity.ts';
import { eventually } from '#test/support/eventually.ts';
import { startGateway } from './support.ts';

test('the waits between attempts double up to a ceiling, with half of each left to chance', () => {
  const shortest = createBackoff(100, 10_000, () => 0);
  const longest = createBackoff(100, 10_000, () => 1);
  expect(Array.from({ length: 9 }, () => shortest.next())).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(Array.from({ length: 9 }, () => longest.next())).toEqual([
    100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000,
  ]);
  longest.reset();
  expect(longest.next()).toBe(100);
});

test.for([
  ['http://127.0.0.1:8009', 'ws://127.0.0.1:8009/api/agent/connect'],
  ['https://hoop.example.com/', 'wss://hoop.example.com/api/agent/connect'],
  ['wss://example.com/tools/hoop/', 'wss://example.com/tools/hoop/api/agent/connect'],
] as const)('%s is dialled at %s', ([gatewayUrl, address]) => {
  expect(connectAddress(gatewayUrl)).toBe(address);
});

test.for([
  ['ws://127.0.0.1:8009/api/agent/connect', true],
  ['ws://localhost:8009/', true],
  ['ws://[::1]:8009/', true],
  ['wss://hoop.example.com/', true],
  ['ws://hoop.example.com/', false],
  ['ws://10.0.0.7:8009/', false],
  ['ws://127.0.0.1.example.com/', false],
  ['ws://localhost.example.com/', false],
] as const)('frames to %s need no mask: %s', ([address, expected]) => {
  expect(isOutOfReach(address)).toBe(expected);
});

/** Passes bytes on to a gateway until it is told to hold them back, as a line that died without a word. */
async function startTunnel(port: number) {
  const sockets: Socket[] = [];
  const server = createServer((inner) => {
    const outer = connect(port, '127.0.0.1');
    sockets.push(inner, outer);
    for (const socket of [inner, outer]) socket.on('error', () => undefined);
    inner.pipe(outer);
    outer.pipe(inner);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const freeze = () => {
    for (const socket of sockets.splice(0)) {
      socket.unpipe();
      socket.pause();
      onTestFinished(() => void socket.destroy());
    }
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, freeze };
}

test('a line that died without a word is noticed and replaced', async () => {
  const gateway = await startGateway();
  const tunnel = await startTunnel(gateway.port);
  const directory = mkdtempSync(join(tmpdir(), 'hoop-connection-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const home = openHome(directory);
  let ups = 0;
  let downs = 0;
  const connection = createGatewayConnection({
    gatewayUrl: tunnel.url,
    labels: {},
    version: '0',
    identity: openIdentity(home),
    enrolment: openEnrolment(home, gateway.token),
    journalId: '00000000-0000-4000-8000-000000000000',
    onWelcome: () => (ups += 1),
    onFrame: () => undefined,
    onInput: () => undefined,
    onDown: () => (downs += 1),
    timing: { heartbeatMs: 500 },
    log: pino({ level: 'silent' }),
  });
  const running = connection.run();
  onTestFinished(async () => {
    connection.close();
    await running;
  });
  await eventually(() => ups > 0, { describe: 'the first welcome' });
  const before = ups;
  tunnel.freeze();
  await eventually(() => ups > before, { describe: 'another welcome' });
  expect(downs).toBeGreaterThanOrEqual(before);
});
