import { expect, test } from 'vitest';
import { sha256Hex } from '#shared/digest.ts';
import { expectAccessible } from '#test/support/axe.ts';
import { eventually, eventuallyPasses } from '#test/support/eventually.ts';
import { aSession, outputOf, people } from './support/samples.ts';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();

test('approving names the digest that was shown, the group and the comment', async () => {
  const session = ui.gateway.add(aSession());
  await ui.signIn('sam', `/sessions/${session.detail.id}`);
  await ui.shows('0 of 2 groups have approved.');
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  const dialog = ui.page.getByRole('dialog', { name: 'Approve this request' });
  await dialog.getByLabel('Only sre').check();
  await dialog.getByLabel('Comment (optional)').fill('go ahead');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await ui.shows('Your approval counts.');
  await ui.section('Decisions').getByText('go ahead').waitFor();
  await ui.section('Review').getByText('sam@example.com').waitFor();
  expect(ui.gateway.decisions).toEqual([
    { verdict: 'approve', digest: session.detail.digest, force: false, group: 'sre', reason: 'go ahead' },
  ]);
});

test('an answer to a decision is not overtaken by a fetch that began before it', async () => {
  const { detail } = ui.gateway.add(aSession());
  const path = `/api/sessions/${detail.id}`;
  // nothing else tells the page of a change
  await ui.page.route('**/api/events', (route) => route.abort());
  await ui.page.routeWebSocket('**/stream*', () => undefined);
  await ui.signIn('kim', `/sessions/${detail.id}`);
  await ui.shows('0 of 2 groups have approved.');
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let late = Promise.resolve();
  const fetched = new Promise<void>((resolve) => {
    void ui.page.route(`**${path}`, async (route) => {
      const before = await route.fetch();
      resolve();
      late = held.then(() => route.fulfill({ response: before }).catch(() => undefined));
    });
  });
  await ui.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await fetched;
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  await ui.dialogButton('Approve').click();
  await ui.shows('Your approval counts.');
  letGo();
  await late;
  await ui.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  expect(await ui.section('Review').textContent()).toContain('1 of 2 groups have approved.');
});

test('rejecting needs a reason, which the page then shows', async () => {
  const session = ui.gateway.add(aSession());
  await ui.signIn('kim', `/sessions/${session.detail.id}`);
  await ui.page.getByRole('button', { name: 'Reject' }).click();
  const dialog = ui.page.getByRole('dialog', { name: 'Reject this request' });
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await dialog.getByText('Say why').waitFor();
  expect(ui.gateway.decisions).toEqual([]);
  await dialog.getByLabel('Reason').fill('not on a Friday');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await ui.shows('A reviewer rejected it; nothing ran.');
  await ui.section('Decisions').getByText('not on a Friday').waitFor();
  await ui.page.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' });
  expect(session.detail.decisions).toMatchObject([{ verdict: 'reject' }]);
});

test('a requester cannot approve, reads why, and can withdraw', async () => {
  const session = ui.gateway.add(aSession());
  await ui.signIn('rosa', `/sessions/${session.detail.id}`);
  const approve = ui.page.getByRole('button', { name: 'Approve' });
  await ui.shows('This is your own request; somebody else has to approve it.');
  expect(await approve.getAttribute('aria-disabled')).toBe('true');
  await approve.press('Enter');
  expect(await ui.page.getByRole('dialog').count()).toBe(0);
  await ui.page.getByRole('button', { name: 'Withdraw' }).click();
  await ui.dialogButton('Withdraw').click();
  await ui.shows('Its requester withdrew it; nothing ran.');
});

test('a refusal by the gateway is shown in the dialog, with the reason', async () => {
  const session = ui.gateway.add(aSession({ groups: ['sre'] }));
  await ui.signIn('kim', `/sessions/${session.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  // Somebody else was faster, and the news has not reached the ui.page.
  session.detail.state = 'cancelled';
  const dialog = ui.page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.getByText('This session is already cancelled.').waitFor();
  await ui.section('State').getByText('Its requester withdrew it; nothing ran.').waitFor();
  expect(session.detail.decisions).toEqual([]);
});

test('a request that changed since it was shown is not decided, but shown again', async () => {
  const session = ui.gateway.add(aSession());
  await ui.signIn('kim', `/sessions/${session.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  Object.assign(session.detail, { digest: sha256Hex('changed'), envelopeVersion: 2 });
  session.detail.envelope.args = ['--now-different'];
  await ui.dialogButton('Approve').click();
  await ui.shows(/changed since it was shown to you/);
  await ui.shows('--now-different');
  expect(session.detail.decisions).toEqual([]);
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  await ui.dialogButton('Approve').click();
  await ui.shows('Your approval counts.');
  expect(ui.gateway.decisions.at(-1)?.digest).toBe(sha256Hex('changed'));
});

test('forcing an approval is offered only where the connection allows it, and needs a reason', async () => {
  const plain = ui.gateway.add(aSession());
  const forcible = ui.gateway.add(aSession({ groups: ['billing'], forceApproveGroups: ['sre'] }));
  await ui.signIn('kim', `/sessions/${plain.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).waitFor();
  expect(await ui.page.getByRole('button', { name: 'Force approval' }).count()).toBe(0);
  await ui.page.goto(`/sessions/${forcible.detail.id}`);
  await ui.page.getByRole('button', { name: 'Force approval' }).click();
  const dialog = ui.page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('site is down');
  await dialog.getByRole('button', { name: 'Force approval' }).click();
  await ui.section('Decisions').getByText('forced', { exact: true }).waitFor();
  expect(ui.gateway.decisions).toMatchObject([{ verdict: 'approve', force: true, reason: 'site is down' }]);
});

test('characters that would hide what a script does are shown by their numbers', async () => {
  const script = 'rm -rf /tmp/x # \u202e skcab\u2066\nls\u200b \u001b[8mhidden';
  const { detail } = ui.gateway.add(
    aSession({ reason: 'harmless \u202e', envelope: { script, args: ['a\u202eb', ''], env: { X: 'y\u0007' } } }),
  );
  await ui.signIn('sam', `/sessions/${detail.id}`);
  const input = ui.page.getByRole('region', { name: 'Standard input' });
  expect(await input.textContent()).toBe('rm -rf /tmp/x # \\u{202e} skcab\\u{2066}\nls\\u{200b} \\u{1b}[8mhidden');
  await ui.shows(/It has 4 characters that would not be visible/);
  const whole = (await ui.page.locator('main').textContent()) ?? '';
  expect(whole).not.toMatch(/[\u202e\u2066\u200b\u001b\u0007]/);
  expect(whole).toContain('a\\u{202e}b');
  expect(whole).toContain('y\\u{7}');
});

test('output appears while it is written, with its exit status at the end', async () => {
  const startedAt = new Date().toISOString();
  const session = ui.gateway.add(
    aSession({ state: 'running', startedAt, output: outputOf(['stdout', 'first line\n'], ['stderr', 'a warning\n']) }),
  );
  await ui.signIn('sam', `/sessions/${session.detail.id}`);
  const output = ui.page.getByRole('region', { name: 'Output' }).locator('pre');
  await output.getByText('a warning').waitFor();
  ui.gateway.write(session, 'second <b>line</b> \u001b[31mred\u001b[0m \u202eend\r\n');
  await eventuallyPasses(async () => {
    expect(await output.textContent()).toBe('first line\na warning\nsecond <b>line</b> red \\u{202e}end\n');
  });
  ui.gateway.change(session, {
    state: 'finished',
    exitCode: 3,
    endedAt: new Date(Date.parse(startedAt) + 4200).toISOString(),
  });
  await ui.section('State').getByText('Exit 3').waitFor();
  await ui.shows('4.2 s');
});

test('a dropped line is taken up again where it was, nothing doubled', async () => {
  const session = ui.gateway.add(
    aSession({ state: 'running', startedAt: new Date().toISOString(), output: outputOf(['stdout', 'before\n']) }),
  );
  await ui.signIn('sam', `/sessions/${session.detail.id}`);
  const output = ui.page.getByRole('region', { name: 'Output' }).locator('pre');
  await output.getByText('before').waitFor();
  ui.gateway.goAway();
  ui.gateway.write(session, 'meanwhile\n');
  ui.gateway.comeBack();
  await output.getByText('meanwhile').waitFor();
  expect(await output.textContent()).toBe('before\nmeanwhile\n');
});

test('a line that died unseen is renewed when the network is back', async () => {
  const lines = { opened: 0, dead: 0 };
  await ui.page.routeWebSocket('**/stream*', (line) => {
    const number = ++lines.opened;
    // it stays open, and brings nothing more
    line.connectToServer().onMessage((message) => {
      if (number > lines.dead) line.send(message);
    });
  });
  const session = ui.gateway.add(aSession({ state: 'running', startedAt: new Date().toISOString() }));
  await ui.signIn('rosa', `/sessions/${session.detail.id}`);
  const shown = ui.section('Output').locator('pre');
  await eventuallyPasses(() => expect(lines.opened).toBe(1));
  ui.gateway.write(session, 'before\n');
  await shown.getByText('before').waitFor();
  lines.dead = lines.opened;
  ui.gateway.write(session, 'meanwhile\n');
  await ui.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await shown.getByText('meanwhile').waitFor();
  expect(await shown.textContent()).toBe('before\nmeanwhile\n');
});

test('output of any length leaves the page small and shows its end', async () => {
  const lines = (from: number) => Array.from({ length: 10_000 }, (_, at) => `line ${from + at}\n`).join('');
  const texts = Array.from({ length: 10 }, (_, at): ['stdout', string] => ['stdout', lines(at * 10_000)]);
  const startedAt = new Date().toISOString();
  const session = ui.gateway.add(aSession({ state: 'running', startedAt }));
  await ui.signIn('sam', `/sessions/${session.detail.id}`);
  await ui.shows('Nothing was written yet.');
  for (const [, text] of texts) ui.gateway.write(session, text);
  const output = ui.page.getByRole('region', { name: 'Output' }).locator('pre');
  await eventuallyPasses(async () => expect(await output.textContent()).toMatch(/line 99999\n$/));
  expect((await output.textContent())?.length).toBeLessThan(600_000);
  expect(await output.locator('*').count()).toBeLessThan(100);
  await ui.shows(/Only the end is shown/);
});

test('a request can be approved by keyboard alone', async () => {
  const { detail } = ui.gateway.add(aSession());
  await ui.signIn('kim', `/sessions/${detail.id}`);
  const approve = ui.page.getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  for (let presses = 0; presses < 40; presses++) {
    await ui.page.keyboard.press('Tab');
    if (await approve.evaluate((button) => button === document.activeElement)) break;
  }
  await ui.page.keyboard.press('Enter');
  const dialog = ui.page.getByRole('dialog', { name: 'Approve this request' });
  await dialog.locator('textarea:focus').waitFor();
  await ui.page.keyboard.type('fine');
  await ui.page.keyboard.press('Tab');
  await ui.page.keyboard.press('Tab');
  await ui.page.keyboard.press('Enter');
  await ui.shows('Your approval counts.');
  expect(ui.gateway.decisions).toMatchObject([{ verdict: 'approve', reason: 'fine' }]);
});

test('a request that changes while it is open says so', async () => {
  const session = ui.gateway.add(aSession());
  await ui.signIn('kim', `/sessions/${session.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).waitFor();
  session.detail.envelope.args = ['--now-different'];
  ui.gateway.change(session, { digest: sha256Hex('changed'), envelopeVersion: 2 });
  await ui.shows('The request changed while you had it open');
  await ui.shows('--now-different');
  await ui.page.getByRole('button', { name: 'I have looked at it' }).click();
  await ui.page.getByText('The request changed while you had it open').waitFor({ state: 'detached' });
  expect(session.detail.decisions).toEqual([]);
});

test('an admin revokes what is running, others are not offered it', async () => {
  const session = ui.gateway.add(aSession({ state: 'running', startedAt: new Date().toISOString() }));
  await ui.signIn('sam', `/sessions/${session.detail.id}`);
  await ui.page.getByRole('button', { name: 'Revoke' }).click();
  await ui.dialogButton('Revoke').click();
  await ui.section('State').getByText('It was revoked.').waitFor();
  const other = ui.gateway.add(aSession({ state: 'running', startedAt: new Date().toISOString() }));
  await ui.page.getByRole('button', { name: 'Sign out' }).click();
  await ui.page.getByRole('heading', { name: 'Sign in to hoop' }).waitFor();
  await ui.signIn('kim', `/sessions/${other.detail.id}`);
  await ui.shows('The command is running.');
  expect(await ui.page.getByRole('button', { name: 'Revoke' }).count()).toBe(0);
});

test('input that is no text is shown as bytes', async () => {
  const script = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff]).toString('base64');
  const { detail } = ui.gateway.add(aSession({ envelope: { script, scriptEncoding: 'base64' } }));
  await ui.signIn('sam', `/sessions/${detail.id}`);
  const input = ui.page.getByRole('region', { name: 'Standard input' });
  expect(await input.textContent()).toMatch(/^00000000 {2}7f 45 4c 46 ff +\.ELF\.$/);
});

test('a decision that got no answer is not called one, and can be made again', async () => {
  const session = ui.gateway.add(aSession({ groups: ['sre'] }));
  await ui.signIn('kim', `/sessions/${session.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  ui.gateway.goAway();
  await ui.dialogButton('Approve').click();
  await ui.shows('It is not known whether this counts');
  ui.gateway.comeBack();
  await ui.dialogButton('Approve').click();
  await ui.shows('Your approval counts.');
  expect(session.detail.decisions).toMatchObject([{ verdict: 'approve', by: people.kim }]);
});

test('on a phone a long request is decided at the edge of the screen, once it was read to its end', async () => {
  const script = Array.from({ length: 200 }, (_, at) => `echo line ${at}`).join('\n');
  const { detail } = ui.gateway.add(aSession({ envelope: { script } }));
  await ui.page.setViewportSize({ width: 360, height: 500 });
  await ui.signIn('kim', `/sessions/${detail.id}`);
  const code = ui.page.getByRole('region', { name: 'Standard input' });
  const dock = ui.page.getByRole('region', { name: 'Decide on this request' });
  const drawn = () =>
    ui.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const height = () => ui.page.evaluate(() => document.documentElement.scrollHeight);
  /** The box somewhat above the edge of the screen, and so far in it. */
  const readTo = (share: number) =>
    code.evaluate((box, to) => {
      box.scrollIntoView({ block: 'end' });
      window.scrollBy(0, 100);
      box.scrollTop = to * box.scrollHeight;
    }, share);
  await code.getByText('echo line 199').waitFor({ state: 'attached' });
  await readTo(0.5);
  await drawn();
  expect(await dock.count()).toBe(0);
  const before = await height();
  await readTo(1);
  await dock.getByRole('button', { name: 'Reject' }).waitFor();
  expect(await height()).toBe(before);
  await expectAccessible(ui.page);
  const edge = await dock.evaluate((bar) => bar.getBoundingClientRect().bottom - document.documentElement.clientHeight);
  expect(Math.abs(edge)).toBeLessThan(1);

  // the end of the page is above it, and the buttons on the page are enough where they are seen
  await ui.page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await dock.waitFor();
  const [end, top] = await Promise.all([
    ui.section('Details').evaluate((card) => card.getBoundingClientRect().bottom),
    dock.evaluate((bar) => bar.getBoundingClientRect().top),
  ]);
  expect(end).toBeLessThanOrEqual(top);
  await ui.section('Review').getByRole('button', { name: 'Approve' }).scrollIntoViewIfNeeded();
  await dock.waitFor({ state: 'detached' });

  await readTo(1);
  await dock.getByRole('button', { name: 'Approve' }).click();
  await ui.dialogButton('Approve').click();
  await ui.shows('Your approval counts.');
  expect(ui.gateway.decisions).toMatchObject([{ verdict: 'approve', digest: detail.digest }]);
});

test('on a phone a request that changed is decided at the edge of the screen only once somebody says they looked', async () => {
  const script = Array.from({ length: 200 }, (_, at) => `select ${at};`).join('\n');
  const session = ui.gateway.add(aSession({ envelope: { command: ['psql'], script } }));
  await ui.page.setViewportSize({ width: 360, height: 500 });
  await ui.signIn('kim', `/sessions/${session.detail.id}`);
  const code = ui.page.getByRole('region', { name: 'Standard input' });
  const dock = ui.page.getByRole('region', { name: 'Decide on this request' });
  const isDocked = () => eventually(() => readToEnd().then(() => dock.isVisible()));
  /** The end of the script on the screen, and what tells of it has had its turn. */
  const readToEnd = () =>
    code.evaluate(async (box) => {
      box.scrollIntoView({ block: 'end' });
      window.scrollBy(0, 100);
      box.scrollTop = box.scrollHeight;
      for (let frames = 0; frames < 4; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
    });
  await code.getByText('select 199;').waitFor({ state: 'attached' });
  await isDocked();

  session.detail.envelope.command = ['bash'];
  ui.gateway.change(session, { digest: sha256Hex('changed'), envelopeVersion: 2 });
  await ui.shows('The request changed while you had it open');
  await readToEnd();
  expect(await dock.count()).toBe(0);

  await ui.page.getByRole('button', { name: 'I have looked at it' }).click();
  await isDocked();
  await dock.getByRole('button', { name: 'Approve' }).click();
  await ui.dialogButton('Approve').click();
  await ui.shows('Your approval counts.');
  expect(ui.gateway.decisions).toMatchObject([{ verdict: 'approve', digest: sha256Hex('changed') }]);
});
