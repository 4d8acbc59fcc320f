import type { App } from '@slack/bolt';
import { expect, test } from 'vitest';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { focuses, focused, loseNext, reasonModal, section, tooWide, seen, usePage, PHONE } from './support.ts';

const { world, open } = usePage();
const plain = (text: string) => ({ type: 'plain_text' as const, text });
const button = (action_id: string, text: string) => ({ type: 'button', action_id, text: plain(text) });
/** A message in #general with one button. */
const offer = (app: App, actionId: string, text: string) => {
  const blocks = [{ type: 'actions', block_id: 'offer', elements: [button(actionId, text)] }] as never[];
  return app.client.chat.postMessage({ channel: 'general', text, blocks });
};
const option = (value: string) => ({ text: plain(value), value });

test('a modal is filled by keyboard, shows what is wrong, and closes when it is right', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByRole('button', { name: 'Reject' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Reject this request' });
  await dialog.locator('textarea:focus').waitFor();
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('Please complete this required field.').waitFor();
  await page.keyboard.type('no');
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('Say more.').waitFor();
  await page.keyboard.type(', because');
  await page.keyboard.press('Tab');
  await focuses(page, 'Cancel');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  // Back where one was.
  await focuses(page, 'Reject');
  await page.getByText('rejected by @Bob Becker: no, because').waitFor();
  expect((await sandbox.control.get('views?as=bob')).views).toEqual([]);
});

test('focus stays in a modal, and Escape closes it and tells the app', async () => {
  const closed: string[] = [];
  const { sandbox, app } = await world((bolt) => {
    bolt.action('more', async ({ ack, body, client }) => {
      await ack();
      const view = { ...reasonModal, callback_id: 'watched', notify_on_close: true };
      await client.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view });
    });
    bolt.view({ type: 'view_closed', callback_id: 'watched' }, async ({ ack, body }) => {
      closed.push(body.user.name);
      await ack();
    });
  });
  await offer(app, 'more', 'More');
  const page = await open(sandbox, '?as=bob&channel=general');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('dialog').waitFor();
  for (let press = 0; press < 8; press += 1) {
    await page.keyboard.press('Tab');
    // At the end it goes by way of the browser's own bar, never to what is under the modal.
    const within = () => document.activeElement === document.body || document.activeElement!.closest('dialog') !== null;
    expect(await page.evaluate(within)).toBe(true);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await eventuallyPasses(() => expect(closed).toEqual(['bob']));
  await focuses(page, 'More');
});

test('a modal that loads is filled live, and its pages are turned without losing what was entered', async () => {
  let ready = () => {};
  const filled = new Promise<void>((resolve) => (ready = resolve));
  const text = (page: number) => Array.from({ length: 60 }, (_, line) => `page ${page} line ${line}`).join('\n');
  const view = (page: number) => ({
    ...{ type: 'modal' as const, callback_id: 'as', title: plain('Approve as…'), submit: plain('Approve') },
    blocks: [
      section(`\`\`\`${text(page)}\`\`\``),
      { type: 'actions', block_id: 'pages', elements: [button('next', 'Next')] },
      {
        ...{ type: 'input', block_id: 'group', label: plain('Group'), dispatch_action: true },
        element: { type: 'radio_buttons', action_id: 'group', options: [option('admin'), option('sre')] },
      },
      {
        ...{ type: 'input', block_id: 'note', label: plain('Note') },
        element: { type: 'plain_text_input', action_id: 'note' },
      },
    ] as never[],
  });
  const seen: unknown[] = [];
  const { sandbox, app } = await world((bolt: App) => {
    bolt.action('as', async ({ ack, body, client }) => {
      await ack();
      const loading = { ...view(1), blocks: [section('One moment…')], submit: undefined };
      const { view: opened } = await client.views.open({
        trigger_id: (body as { trigger_id: string }).trigger_id,
        view: loading as never,
      });
      await filled;
      await client.views.update({ view_id: opened!.id!, view: view(1) as never });
    });
    bolt.action('next', async ({ ack, body, client }) => {
      await ack();
      const { view: current } = body as unknown as { view: { id: string; state: { values: object } } };
      seen.push(current.state.values);
      await client.views.update({ view_id: current.id, view: view(2) as never });
    });
    bolt.action('group', async ({ ack, action }) => {
      await ack();
      seen.push((action as unknown as { selected_option: { value: string } }).selected_option.value);
    });
    bolt.view('as', async ({ ack, view: { state } }) => {
      seen.push(state.values.note!.note!.value, state.values.group!.group!.selected_option!.value);
      await ack();
    });
  });
  await offer(app, 'as', 'As…');
  const page = await open(sandbox, '?as=bob&channel=general');
  await page.getByRole('button', { name: 'As…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve as…' });
  await dialog.getByText('One moment…').waitFor();
  expect(await dialog.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  ready();
  await dialog.getByText('page 1 line 1').first().waitFor();
  // What is to be read comes before what is to be filled.
  const isAtTop = () =>
    eventuallyPasses(async () => expect(await page.locator('.modal-body').evaluate((body) => body.scrollTop)).toBe(0));
  await isAtTop();
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await eventuallyPasses(async () => expect(await dialog.locator('input[type=radio]:focus').count()).toBe(1));
  await dialog.getByLabel('Note').fill('fine by me');
  await dialog.getByLabel('sre').check();
  await eventuallyPasses(() => expect(seen).toEqual(['sre']));
  await dialog.getByRole('button', { name: 'Next' }).click();
  await dialog.getByText('page 2 line 1').first().waitFor();
  await isAtTop();
  expect(seen[1]).toMatchObject({ note: { note: { value: 'fine by me' } }, group: { group: { selected_option: {} } } });
  expect(await dialog.getByLabel('sre').isChecked()).toBe(true);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(seen.slice(2)).toEqual(['fine by me', 'sre']);
});

test('a modal on top of another gives it back with what was entered there', async () => {
  const { sandbox, app } = await world((bolt) => {
    bolt.action('push', async ({ ack, body, client }) => {
      await ack();
      const top = { ...reasonModal, title: plain('On top'), blocks: [section('only to look at')], submit: undefined };
      await client.views.push({ trigger_id: (body as { trigger_id: string }).trigger_id, view: top as never });
    });
    bolt.action('open', async ({ ack, body, client }) => {
      await ack();
      const blocks = [...reasonModal.blocks, { type: 'actions', elements: [button('push', 'Explain')] }];
      await client.views.open({
        trigger_id: (body as { trigger_id: string }).trigger_id,
        view: { ...reasonModal, blocks: blocks as never },
      });
    });
  });
  await offer(app, 'open', 'Open');
  const page = await open(sandbox, '?as=bob&channel=general');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByLabel('Reason').fill('half a reason');
  await page.getByRole('button', { name: 'Explain' }).click();
  const top = page.getByRole('dialog', { name: 'On top' });
  await top.getByText('only to look at').waitFor();
  await top.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('dialog', { name: 'Reject this request' }).waitFor();
  expect(await page.getByLabel('Reason').inputValue()).toBe('half a reason');
});

test('a modal says when the app did not respond, and stays', async () => {
  const { sandbox } = await world();
  const page = await open(sandbox, '?as=bob&channel=ops');
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByLabel('Reason').fill('late');
  await loseNext(sandbox);
  await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
  await page.getByRole('alert').getByText('the app did not respond').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
  await seen(page.getByText('rejected by @Bob Becker: late'));
});

test('a modal of a hundred blocks scrolls inside a phone, and is not wider', async () => {
  const { sandbox, app } = await world((bolt) => {
    bolt.action('long', async ({ ack, body, client }) => {
      await ack();
      const blocks = Array.from({ length: 100 }, (_, index) => section(`${index} ${'wide'.repeat(60)}`));
      const { submit: _none, ...rest } = reasonModal;
      await client.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view: { ...rest, blocks } });
    });
  });
  await offer(app, 'long', 'Long');
  const page = await open(sandbox, '?as=bob&channel=general', { viewport: PHONE });
  await page.getByRole('button', { name: 'Long' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('99 wide').waitFor();
  expect(await tooWide(page)).toBe(0);
  const box = (await dialog.boundingBox())!;
  expect(box.y + box.height).toBeLessThanOrEqual(PHONE.height);
  expect(await page.locator('.modal-body').evaluate((body) => body.scrollWidth - body.clientWidth)).toBe(0);
  await eventuallyPasses(async () => expect(await focused(page)).toContain('0 wide'));
});
