import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '#agent/process-mark.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import { FakeGateway } from '#test/support/fake-gateway.ts';
import { runProcess } from '#test/support/processes.ts';
import { agentScript } from './build.ts';
import { connectAgent, gone, launchAgent, makeHome, startGateway, type TestAgent } from './support.ts';

async function start() {
  const gateway = await startGateway();
  const agent = await connectAgent(gateway);
  return { gateway, agent };
}

async function logs(agent: TestAgent, text: string) {
  await eventually(() => agent.log().includes(text), { describe: () => `${text} in the log:\n${agent.log()}` });
}

async function runningCommand(gateway: FakeGateway) {
  const order = gateway.makeOrder({ script: 'echo $$; exec sleep 300' });
  gateway.sendOrder(order);
  await gateway.waitFor('started', ({ sessionId }) => sessionId === order.sessionId);
  return order;
}

test('the token is shown to enrol and never again', async () => {
  const { gateway, agent } = await start();
  await agent.kill();
  await gateway.nextJournal(async () => void (await agent.again()));
  expect(gateway.of('hello').map(({ token }) => token)).toEqual([gateway.token, undefined]);
  const [first, second] = gateway.of('hello');
  expect(second).toMatchObject({ publicKey: first?.publicKey, journalId: first?.journalId });
});

test('a new token, given by the operator, is shown again', async () => {
  const { gateway, agent } = await start();
  await agent.kill();
  await gateway.nextJournal(async () => void (await launchAgent(gateway.url, 'another-token', agent.home)));
  expect(gateway.last('hello').token).toBe('another-token');
});

test('an enrolled agent starts without a token', async () => {
  const { gateway, agent } = await start();
  await agent.kill();
  const journal = await gateway.nextJournal(async () => void (await launchAgent(gateway.url, '', agent.home)));
  expect(journal.runs).toEqual([]);
});

test('a refusal is logged in plain words and the agent lives on', async () => {
  const gateway = await startGateway();
  const agent = await launchAgent(gateway.url, 'wrong');
  await logs(agent, 'the gateway refused this agent: the token is wrong');
  await logs(agent, '"waitMs":30000');
  expect(agent.child.exitCode).toBeNull();
  expect(gateway.connections).toBe(1);
});

test('a gateway that shows another key is not talked to', async () => {
  const { gateway, agent } = await start();
  gateway.changeKey();
  gateway.cutLine();
  await logs(agent, 'The gateway shows another key than the one this agent enrolled with');
  expect(gateway.of('journal')).toHaveLength(1);
});

test('an agent whose gateway is away keeps dialling and connects once it is there', async () => {
  const { gateway, agent } = await start();
  const { port } = gateway;
  await gateway.stop();
  await logs(agent, 'ECONNREFUSED');
  const next = await FakeGateway.start(port);
  try {
    await next.waitFor('hello');
    expect(agent.child.exitCode).toBeNull();
  } finally {
    await next.stop();
  }
});

test('the supervisor hears when the agent is ready', async () => {
  const { gateway, agent } = await start();
  await eventually(() => agent.messages.length > 0, { describe: 'a message over IPC' });
  expect(agent.messages).toEqual([{ type: 'ready', agent: 'default', instanceId: gateway.instanceId }]);
});

test('asked to stop everything, the agent ends commands and runner, says how many, and tells the gateway', async () => {
  const { gateway, agent } = await start();
  const orders = [await runningCommand(gateway), await runningCommand(gateway)];
  const runner = agent.runner();
  const exited = once(agent.child, 'exit');
  agent.child.send({ type: 'shutdown', stopCommands: true });
  expect(await exited).toEqual([0, null]);
  await eventuallyPasses(() => expect(agent.messages).toContainEqual({ type: 'stopped', commands: 2 }));
  await gone(runner.process);
  for (const { sessionId } of orders) {
    expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'stopped', signal: 'SIGTERM' });
  }
});

test('commands that ignore SIGTERM are killed when everything stops', async () => {
  const { gateway, agent } = await start();
  const sessionId = gateway.run({ script: "trap '' TERM; echo ready; while :; do sleep 0.05; done" });
  await eventually(() => gateway.received(sessionId).offset > 0, { describe: 'output' });
  const exited = once(agent.child, 'exit');
  agent.child.send({ type: 'shutdown', stopCommands: true });
  await exited;
  expect(await gateway.ended(sessionId)).toMatchObject({ reason: 'stopped', signal: 'SIGKILL' });
});

test.for([
  ['SIGTERM', (agent: TestAgent) => void agent.child.kill('SIGTERM')],
  ['a request to stop without its commands', (agent: TestAgent) => void agent.child.send({ type: 'shutdown' })],
  ['the end of its supervisor', (agent: TestAgent) => agent.child.disconnect()],
] satisfies [string, (agent: TestAgent) => void][])(
  '%s ends the agent and leaves the command alone',
  async ([, end]) => {
    const { gateway, agent } = await start();
    const order = await runningCommand(gateway);
    const exited = once(agent.child, 'exit');
    end(agent);
    expect(await exited).toEqual([0, null]);
    expect(isAlive(agent.runner().process)).toBe(true);
    const journal = await gateway.nextJournal(async () => void (await agent.again()));
    expect(journal.runs).toMatchObject([{ sessionId: order.sessionId, phase: 'running' }]);
  },
);

test('Ctrl-C of the terminal is left to the supervisor', async () => {
  const { gateway, agent } = await start();
  agent.child.kill('SIGINT');
  expect(await gateway.runToEnd({ script: 'echo still here' })).toMatchObject({ stdout: 'still here\n' });
});

test('a second agent on the same home is refused by name', async () => {
  const { gateway, agent } = await start();
  const second = await launchAgent(gateway.url, gateway.token, agent.home);
  const [code] = await once(second.child, 'close'); // all that it wrote is here then
  expect(code).not.toBe(0);
  expect(second.log()).toContain(`An agent (process ${agent.child.pid}) already uses`);
});

test.for([
  [{ HOOP_GATEWAY_URL: '', HOOP_AGENT_TOKEN: 't' }, 'HOOP_GATEWAY_URL is missing: set it to'],
  [{ HOOP_GATEWAY_URL: 'gateway:8009', HOOP_AGENT_TOKEN: 't' }, 'HOOP_GATEWAY_URL must be an http(s)://'],
  [{ HOOP_GATEWAY_URL: 'http://127.0.0.1:1' }, 'set HOOP_AGENT_TOKEN to the token that'],
] satisfies [Record<string, string>, string][])('an agent with %o says what to set', async ([env, message]) => {
  const end = await runProcess(process.execPath, [await agentScript()], { env: { HOOP_HOME: makeHome(), ...env } });
  expect(end.code).toBe(64);
  expect(end.stderr).toContain(message);
  expect(end.stderr).not.toContain('    at ');
});

test('half a line at the end of the journal, as a crash leaves it, is no harm', async () => {
  const { gateway, agent } = await start();
  const order = await runningCommand(gateway);
  await agent.kill();
  writeFileSync(join(agent.home, 'agent', 'journal.jsonl'), '{"entry":"accep', { flag: 'a' });
  const journal = await gateway.nextJournal(async () => void (await agent.again()));
  expect(journal.runs).toMatchObject([{ sessionId: order.sessionId }]);
});

test('a damaged journal keeps the agent from starting and says where', async () => {
  const { gateway, agent } = await start();
  await agent.kill();
  const path = join(agent.home, 'agent', 'journal.jsonl');
  writeFileSync(path, `${readFileSync(path, 'utf8')}garbage\n`);
  const next = await agent.again();
  const [code] = await once(next.child, 'close'); // all that it wrote is here then
  expect(code).not.toBe(0);
  expect(next.log()).toContain(`damaged at line 2 of ${path}`);
  expect(gateway.of('journal')).toHaveLength(1);
});
