import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startStack, type Stack } from '../support/stack.ts';

let hoop: Stack;

beforeAll(async () => {
  hoop = await startStack();
}, 180_000);
afterAll(() => hoop?.close(), 60_000);

interface View {
  id: string;
  callback_id: string;
  blocks: { type: string; block_id: string }[];
}

/** The person's modal, once it holds what `text` says. */
const modal = (as: string, text: string): Promise<View> =>
  eventually(async () => (await hoop.sandbox.views(as)).find((view) => JSON.stringify(view).includes(text)), {
    describe: `a modal with ${text} for ${as}`,
  });

/** What the person does in a modal, again until a gateway is there to take it. */
const taken = (act: () => Promise<{ acked: boolean }>) =>
  eventually(async () => (await act()).acked, {
    deadlineMs: 60_000,
    everyMs: 500,
    describe: 'the new gateway takes it',
  });

async function restartGateway(): Promise<void> {
  await hoop.kill('gateway');
  await hoop.start('gateway');
}

async function ask(script: string) {
  const run = hoop.hoop(['exec', 'bash', '-i', script]);
  const id = (await run.waitForOutput(/sessions\/([0-9a-f-]{36})/))[1] ?? '';
  const message = await hoop.sandbox.message('ops', 'bob', id);
  return { run, id, ts: message.ts };
}

test('a reason written while the gateway was killed and replaced ends the review', async () => {
  const { run, ts } = await ask('echo never');
  expect((await hoop.sandbox.click('carol', 'ops', ts, 'reject')).acked).toBe(true);
  const view = await modal('carol', 'Why do you reject it?');
  await restartGateway();
  await taken(() => hoop.sandbox.submit(view.id, 'carol', { reason: 'wrong server' }));
  const end = await run.ended;
  expect(end.code).toBe(77);
  expect(end.stdout.toString()).toBe('');
  const shown = await hoop.sandbox.message('ops', 'bob', 'wrong server');
  expect(JSON.stringify(shown.blocks)).not.toContain('"approve"');
}, 240_000);

test('a long script read while the gateway was killed and replaced is approved on its last page, and runs', async () => {
  const filler = `: ${'x'.repeat(76)}\n`.repeat(200);
  const { run, ts } = await ask(`${filler}echo read to the end`);
  expect((await hoop.sandbox.click('bob', 'ops', ts, 'approve')).acked).toBe(true);
  const view = await modal('bob', 'Page 1 of 2');
  await restartGateway();
  await taken(() => hoop.sandbox.clickInView('bob', view.id, 'page_next'));
  await modal('bob', 'Page 2 of 2');
  await taken(() => hoop.sandbox.submit(view.id, 'bob', {}));
  const end = await run.ended;
  expect(end.stdout.toString()).toBe('read to the end\n');
  expect(end.code).toBe(0);
}, 240_000);
