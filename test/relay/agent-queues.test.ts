import { randomUUID } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Core } from '#core/context.ts';
import { loadGatewayKey } from '#core/gateway-key.ts';
import { createWaitingRuns } from '#core/waiting-runs.ts';
import { createAgentQueues } from '#workers/parts/agent-queues.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually } from '../support/eventually.ts';
import { createTestRelay, type TestRelay } from './support.ts';

let made: TestCore;
let core: Core;
let relay: TestRelay;

beforeAll(async () => {
  made = await createTestCore();
  core = made.core;
  relay = await createTestRelay(core);
});
afterAll(async () => {
  await relay.close();
  await made.close();
});

/** Stands before Temporal and can be away for a while. */
async function door(port = 0): Promise<{ port: number; shut(): Promise<void> }> {
  const [host, upstream] = made.temporalAddress.split(':');
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const other = connect(Number(upstream), host);
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async shut() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('an agent that comes while Temporal is away is polled for once it is back', async () => {
  const open = await door();
  const connection = await NativeConnection.connect({ address: `127.0.0.1:${open.port}` });
  const errors: unknown[] = [];
  const log = core.log.child({});
  log.error = (...said: unknown[]) => void errors.push(said);
  const queues = createAgentQueues({
    core: { ...core, log },
    connection,
    namespace: 'default',
    gatewayId: randomUUID(),
    gatewayKey: await loadGatewayKey(core),
    waiting: createWaitingRuns(),
    hub: () => relay.hub,
  });
  await open.shut();
  queues.set('default', true);
  await eventually(() => errors.length > 0, { describe: 'a failure', deadlineMs: 60_000 });
  const again = await door(open.port);
  const isPolled = async (): Promise<boolean> => {
    const answer = await core.temporal.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: core.queues.agent('default') },
      taskQueueType: 2,
    });
    return (answer.pollers?.length ?? 0) > 0;
  };
  expect(await eventually(isPolled, { describe: 'a poller', deadlineMs: 60_000 })).toBe(true);
  await queues.close();
  await connection.close();
  await again.shut();
}, 180_000);
