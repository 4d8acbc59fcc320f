/**
 * Process of the Slack baseline: Bolt as its documentation has it, with three buttons: one acknowledges, one rewrites
 * its message, one has a minimal workflow rewrite it. And a bare Web API client, for calls without anything around them.
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { App, LogLevel, type BlockAction, type ButtonAction, type Logger } from '@slack/bolt';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type * as workflows from './baseline-workflows.ts';
import type { BoltAnswer, BoltRequest } from './slack-baseline.ts';

const [slackApiUrl = '', temporalAddress = '', botToken = '', appToken = ''] = process.argv.slice(2);
const bolt = new App({
  token: botToken,
  appToken,
  socketMode: true,
  clientOptions: { slackApiUrl },
  // it is cut off on purpose, and what fails for other reasons is answered with its error
  logger: silent(),
});
const slack = bolt.client;
const text = 'rewritten by the baseline';

const taskQueue = `baseline-${randomUUID()}`;
Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
const native = await NativeConnection.connect({ address: temporalAddress });
const worker = await Worker.create({
  connection: native,
  namespace: 'default',
  taskQueue,
  workflowBundle: { codePath: fileURLToPath(new URL('./baseline-bundle.js', import.meta.url)) },
  activities: {
    update: async (message: { channel: string; ts: string }) =>
      void (await slack.chat.update({ ...message, text, blocks: buttons() })),
  },
});
const running = worker.run();
const temporal = new Client({ connection: await Connection.connect({ address: temporalAddress }) });

bolt.action<BlockAction<ButtonAction>>('ack', ({ ack }) => ack());
bolt.action<BlockAction<ButtonAction>>('update', async ({ ack, body, client }) => {
  await ack();
  await client.chat.update({ ...clicked(body), text, blocks: buttons() });
});
bolt.action<BlockAction<ButtonAction>>('workflow', async ({ ack, body }) => {
  await ack();
  const { channel, ts } = clicked(body);
  await temporal.workflow.getHandle(workflowId(channel, ts)).signal('go');
});
await bolt.start();

function buttons() {
  const button = (name: string) => ({
    type: 'button' as const,
    action_id: name,
    text: { type: 'plain_text' as const, text: name },
  });
  return [{ type: 'actions' as const, elements: [button('ack'), button('update'), button('workflow')] }];
}

function silent(): Logger {
  const nothing = () => undefined;
  const { ERROR } = LogLevel;
  return {
    ...{ debug: nothing, info: nothing, warn: nothing, error: nothing },
    ...{ setLevel: nothing, setName: nothing, getLevel: () => ERROR },
  };
}

function clicked({ container }: BlockAction): { channel: string; ts: string } {
  return { channel: String(container.channel_id), ts: String(container.message_ts) };
}

function workflowId(channel: string, ts: string): string {
  return `baseline-${channel}-${ts}`;
}

async function answer(request: BoltRequest): Promise<BoltAnswer['value']> {
  if (request.do === 'post') {
    const { ts = '' } = await slack.chat.postMessage({ channel: request.channel, text: 'baseline', blocks: buttons() });
    await temporal.workflow.start<typeof workflows.updateAtSignals>('updateAtSignals', {
      taskQueue,
      workflowId: workflowId(request.channel, ts),
      args: [{ channel: request.channel, ts }],
    });
    return ts;
  }
  const { targets, times, inFlight, message } = request;
  const began = performance.now();
  let next = 0;
  const work = async () => {
    for (let turn = next++; turn < times; turn = next++) {
      await slack.chat.update({ ...targets[turn % targets.length], ...message } as never);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return performance.now() - began;
}

process.on('message', ({ id, request }: { id: number; request: BoltRequest }) => {
  answer(request).then(
    (value) => process.send?.({ id, value }),
    (error: Error) => process.send?.({ id, value: null, error: error.message }),
  );
});

async function stop(): Promise<never> {
  await bolt.stop();
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await running;
  process.exit(0);
}
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => process.exit(0));
process.send?.({ id: 0, value: null });
