import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectAgent, makeHome, startGateway } from './support.ts';

const untilThere = (file: string) => `echo begun; until [ -e ${file} ]; do sleep 0.05; done; echo over`;

test('an agent that is stopped says so, hands back what was on its way, and what runs goes on', async () => {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway);
  const go = join(agent.home, 'go');
  const order = gateway.makeOrder({ script: untilThere(go) });
  const running = order.sessionId;
  gateway.sendOrder(order);
  await gateway.waitFor('started', (frame) => frame.sessionId === running);
  let late = '';
  gateway.onFrame = (frame) => {
    if (frame.type === 'draining') late = gateway.run({ script: 'echo never' });
  };
  const exited = once(agent.child, 'exit');
  agent.child.kill('SIGTERM');
  expect(await gateway.waitFor('order_refused')).toMatchObject({ sessionId: late, code: 'agent_draining' });
  expect(await exited).toEqual([0, null]);
  const journal = await gateway.nextJournal(() => void agent.again());
  expect(journal.runs).toMatchObject([{ sessionId: running, phase: 'running' }]);
  writeFileSync(go, '');
  gateway.onFrame = () => undefined;
  gateway.sendOrder(order);
  expect(await gateway.ended(running)).toMatchObject({ reason: 'exit', exitCode: 0 });
  expect(gateway.output(running, 'stdout').toString()).toBe('begun\nover\n');
  expect(gateway.faults).toEqual([]);
});

test('with HOOP_DRAIN_TIMEOUT it stays until what runs has ended, also over a line that broke', async () => {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway, makeHome(), undefined, { HOOP_DRAIN_TIMEOUT: '10m' });
  const go = join(agent.home, 'go');
  const order = gateway.makeOrder({ script: untilThere(go) });
  gateway.sendOrder(order);
  await gateway.waitFor('started');
  agent.child.kill('SIGTERM');
  await gateway.waitFor('draining');
  await gateway.nextJournal(() => gateway.cutLine());
  await gateway.waitFor('draining', () => gateway.of('draining').length === 2);
  gateway.sendOrder(order);
  const late = gateway.run({ script: 'echo never' });
  expect(await gateway.waitFor('order_refused')).toMatchObject({ sessionId: late, code: 'agent_draining' });
  const exited = once(agent.child, 'exit');
  writeFileSync(go, '');
  await gateway.ended(order.sessionId);
  expect(gateway.output(order.sessionId, 'stdout').toString()).toBe('begun\nover\n');
  expect(agent.child.exitCode).toBeNull();
  gateway.send({ type: 'forget', sessionId: order.sessionId });
  expect(await exited).toEqual([0, null]);
});

test('a second SIGTERM waits for nothing', async () => {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway, makeHome(), undefined, { HOOP_DRAIN_TIMEOUT: '10m' });
  gateway.run({ script: 'echo on; sleep 60' });
  await gateway.waitFor('started');
  const exited = once(agent.child, 'exit');
  agent.child.kill('SIGTERM');
  await gateway.waitFor('draining');
  agent.child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
