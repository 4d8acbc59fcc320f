/** The inbox of reviews by keyboard, live and page by page; a request in full. */
import { expect, test } from 'vitest';
import { expectAccessible } from '#test/support/axe.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { aSession, people, type SessionChanges } from './support/samples.ts';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();

const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();
/** Requests that wait for Kim; the first named is the newest, and on top. */
const add = (...names: string[]) =>
  names.map((connection, index) =>
    ui.gateway.add(aSession({ connection, groups: ['sre'], createdAt: at(60 + index * 10) })),
  );
const focused = () => ui.page.evaluate(() => (document.activeElement as HTMLElement).dataset['review'] ?? null);
const focuses = (id: string | undefined) => eventuallyPasses(async () => expect(await focused()).toBe(id));
const press = async (...keys: string[]) => {
  for (const key of keys) await ui.page.keyboard.press(key);
};
const dialog = () => ui.page.getByRole('dialog');
const say = async (text: string) => {
  await dialog().locator('textarea:focus').waitFor();
  await ui.page.keyboard.type(text);
  await ui.page.keyboard.press('Control+Enter');
};
const input = () => ui.page.getByRole('region', { name: 'Standard input' });

async function openInbox(path = '/reviews'): Promise<void> {
  await ui.signIn('kim', path);
  await ui.page.getByRole('heading', { name: 'Recent' }).or(ui.page.locator('[data-review]')).first().waitFor();
}

test('j and k go from row to row and into view, o opens the one in focus', async () => {
  const rows = add(...Array.from({ length: 20 }, (_, index) => `conn-${index}`));
  await openInbox();
  for (const row of rows.slice(0, 15)) {
    await press('j');
    await focuses(row.detail.id);
  }
  expect(
    await ui.page.evaluate(() => {
      const { top, bottom } = (document.activeElement as Element).getBoundingClientRect();
      return top >= 56 && bottom <= window.innerHeight;
    }),
  ).toBe(true);
  await press('k');
  await focuses(rows[13]?.detail.id);
  await press('o');
  await ui.page.getByRole('heading', { name: 'exec on conn-13' }).waitFor();
});

test('keys do nothing while somebody types, holds a modifier, has a dialog open or switched them off', async () => {
  const [first, second] = add('first', 'second');
  await openInbox();
  await press('j');
  await focuses(first?.detail.id);
  await press('Control+j', 'Alt+r', 'Meta+a');
  expect(await focused()).toBe(first?.detail.id);
  await ui.page.evaluate(() => {
    const field = document.body.appendChild(document.createElement('input'));
    field.id = 'field';
    field.focus();
  });
  await press('j', 'r', '?');
  expect(await ui.page.locator('#field').inputValue()).toBe('jr?');
  expect(await ui.page.evaluate(() => document.activeElement?.id)).toBe('field');
  await ui.page.locator(`[data-review="${first?.detail.id}"]`).focus();
  await press('r');
  await dialog().locator('textarea:focus').waitFor();
  await ui.page.keyboard.type('jark?');
  expect(await dialog().getByLabel('Reason').inputValue()).toBe('jark?');
  await dialog().getByRole('button', { name: 'Close' }).first().focus();
  await press('a', 'j', '?');
  expect(await dialog().count()).toBe(1);
  await press('Escape');
  await dialog().waitFor({ state: 'detached' });
  // back where it was
  await focuses(first?.detail.id);
  await press('?');
  await dialog().getByText('approve it; what is long is opened first').waitFor();
  await dialog().getByRole('switch', { name: 'Use these keys in this browser' }).click({ force: true });
  await press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await focuses(first?.detail.id);
  await press('j', 'r');
  expect([await focused(), await dialog().count()]).toEqual([first?.detail.id, 0]);
  expect(ui.gateway.decisions).toEqual([]);
  await ui.page.getByRole('button', { name: 'Keys' }).click();
  await dialog().getByRole('switch', { name: 'Use these keys in this browser' }).click({ force: true });
  await press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await press('j');
  await eventuallyPasses(async () => expect([first?.detail.id, second?.detail.id]).toContain(await focused()));
});

test('the row that others decide leaves, and the keyboard is at the one that took its place', async () => {
  const [first, second, third] = add('first', 'second', 'third');
  await openInbox();
  await press('j', 'j');
  await focuses(second?.detail.id);
  await expectTitle('(3) Reviews · hoop');
  if (second) ui.gateway.change(second, { state: 'rejected', endedAt: at(0) });
  await focuses(third?.detail.id);
  await expectTitle('(2) Reviews · hoop');
  // what comes meanwhile takes nothing away
  add('new');
  await ui.section('Waiting for you').getByText('new', { exact: true }).waitFor();
  expect(await focused()).toBe(third?.detail.id);
  await press('k');
  await focuses(first?.detail.id);
});

test('a tab that nobody looks at tells in its title what waits', async () => {
  await openInboxEmpty();
  await ui.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const held = () => ui.page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
  await eventuallyPasses(async () => expect(await held()).toEqual(['hoop-unseen']));
  add('meanwhile');
  await expectTitle('(1) Reviews · hoop');
});

async function openInboxEmpty(): Promise<void> {
  await ui.signIn('kim', '/reviews');
  await ui.shows('Nothing waits for you.');
}

const expectTitle = (title: string) => eventuallyPasses(async () => expect(await ui.page.title()).toBe(title));

test('a decision about several ends in one go: each key acts on the row in focus, with the digest that was shown', async () => {
  const [first, second] = add('first', 'second');
  await openInbox();
  await press('j', 'a');
  await input().getByText('du -xh').waitFor();
  await say('');
  await focuses(second?.detail.id);
  await press('r');
  await say('not now');
  await ui.shows('Nothing waits for you.');
  expect(ui.gateway.decisions).toEqual([
    { verdict: 'approve', digest: first?.detail.digest, force: false },
    { verdict: 'reject', digest: second?.detail.digest, force: false, reason: 'not now' },
  ]);
});

test('what cannot be decided says why, in words', async () => {
  ui.gateway.add(aSession({ requester: people.kim, connection: 'own' }));
  await openInbox();
  await ui.section('Asked by you').getByRole('link').focus();
  await press('a');
  await ui.page.getByRole('status').getByText('This is your own request; somebody else has to approve it.').waitFor();
  expect(await dialog().count()).toBe(0);
});

const long: [string, SessionChanges['envelope']][] = [
  ['lines', { script: 'true\n'.repeat(40) }],
  ['characters', { script: `: ${'x'.repeat(3000)}` }],
  ['arguments', { args: Array.from({ length: 60 }, (_, index) => String(index)) }],
  ['values', { env: Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`N${index}`, 'v'])) }],
  ['bytes', { script: 'fw==', scriptEncoding: 'base64' }],
];
test.each(long)('what is too long for a dialog is read on its page before it is approved: %s', async (_, envelope) => {
  const { detail } = ui.gateway.add(aSession({ groups: ['sre'], envelope }));
  await openInbox();
  await press('j', 'a');
  await ui.shows('This request is too long for the list.');
  expect(new URL(ui.page.url()).pathname).toBe(`/sessions/${detail.id}`);
  expect(await dialog().count()).toBe(0);
});

test('more than a page says so and goes on', async () => {
  add(...Array.from({ length: 120 }, (_, index) => `conn-${index}`));
  await openInbox();
  const rows = ui.section('Waiting for you').getByRole('listitem');
  const more = ui.page.getByRole('button', { name: 'Show older ones that wait for you' });
  await eventuallyPasses(async () => expect(await rows.count()).toBe(50));
  await more.click();
  await eventuallyPasses(async () => expect(await rows.count()).toBe(100));
  await more.click();
  await eventuallyPasses(async () => expect(await rows.count()).toBe(120));
  await more.waitFor({ state: 'detached' });
  await expectTitle('(120) Reviews · hoop');
});

test('older ones come although the list changes meanwhile, and the change is not lost for them', async () => {
  const [first] = add(...Array.from({ length: 120 }, (_, index) => `conn-${index}`));
  await openInbox();
  const held: (() => void)[] = [];
  const letGo = () => held.splice(0).forEach((answer) => answer());
  const older = /\/api\/reviews\?.*part=mine.*before=|\/api\/reviews\?.*before=.*part=mine/;
  const newest = /\/api\/reviews\?(?!.*before=).*part=mine/;
  const rows = ui.section('Waiting for you').getByRole('listitem');
  const hold = (path: RegExp) => ui.page.route(path, (route) => void held.push(() => void route.fallback()));
  const isHeld = () => eventuallyPasses(() => expect(held.length).toBeGreaterThan(0));

  // a change while the older ones are on their way
  await hold(older);
  await ui.page.getByRole('button', { name: 'Show older ones that wait for you' }).click();
  await isHeld();
  add('while they come');
  await ui.section('Waiting for you').getByText('while they come').waitFor();
  await ui.page.unroute(older);
  letGo();
  await eventuallyPasses(async () => expect(await rows.count()).toBe(100));

  // older ones while a change is on its way
  await hold(newest);
  if (first) ui.gateway.change(first, { state: 'rejected', endedAt: at(0) });
  await isHeld();
  await ui.page.getByRole('button', { name: 'Show older ones that wait for you' }).click();
  await ui.page.unroute(newest);
  letGo();
  await ui.section('Waiting for you').getByText('conn-0', { exact: true }).waitFor({ state: 'detached' });
  await eventuallyPasses(async () => expect(await rows.count()).toBe(120));
});

test('on a page of a request a and r decide, j and k go to the next that waits, and the next is offered', async () => {
  const [first, second, third] = add('first', 'second', 'third');
  await ui.signIn('kim', `/sessions/${first?.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).waitFor();
  await press('j');
  await ui.page.getByRole('heading', { name: 'exec on second' }).waitFor();
  await press('k');
  await ui.page.getByRole('heading', { name: 'exec on first' }).waitFor();
  await press('k');
  await ui.shows('No other request waits for you there.');
  await press('r');
  await say('no');
  const next = ui.page.getByRole('link', { name: 'Next that waits for you: second, asked by Rosa' });
  await eventuallyPasses(async () => expect(await next.evaluate((link) => link === document.activeElement)).toBe(true));
  await press('Enter');
  await ui.page.getByRole('heading', { name: 'exec on second' }).waitFor();
  await press('a');
  await say('');
  await ui.shows('Your approval counts.');
  expect(ui.gateway.decisions.map(({ digest }) => digest)).toEqual([first?.detail.digest, second?.detail.digest]);
  expect(third?.detail.decisions).toEqual([]);
});

test('j goes to the next that waits as soon as the list of them is there', async () => {
  const [first] = add('first', 'second');
  const list = /\/api\/reviews\?.*part=mine/;
  const asked = ui.page.waitForRequest(list);
  let answer = () => undefined as void;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await ui.page.route(list, (route) => answered.then(() => route.continue()));
  await ui.signIn('kim', `/sessions/${first?.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).waitFor();
  await asked;
  await press('j');
  answer();
  await ui.page.getByRole('heading', { name: 'exec on second' }).waitFor();
  expect(ui.page.url()).not.toContain(first?.detail.id);
});

test('of a very long input the rest is shown before anybody approves it', async () => {
  const script = Array.from({ length: 1000 }, (_, index) => `echo ${index} # \u200b ${'x'.repeat(70)}\n`).join('');
  const { detail } = ui.gateway.add(aSession({ groups: ['sre'], envelope: { script } }));
  await ui.signIn('kim', `/sessions/${detail.id}`);
  await ui.page.getByRole('button', { name: /^Not all is shown/ }).waitFor();
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  await ui.shows('Not all of the standard input was on the screen.');
  expect(await dialog().count()).toBe(0);
  expect(await input().textContent()).toBe(script.replaceAll('\u200b', '\\u{200b}'));
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  await say('');
  await ui.shows('Your approval counts.');
});

test('colours and numbers of lines leave the text as it is, and what it hides in sight', async () => {
  const script = '# comment\nif [ "$A" = "two\u200bwords" ]; then\n  echo "over\ntwo lines"\nfi\n';
  const { detail } = ui.gateway.add(aSession({ groups: ['sre'], envelope: { script } }));
  await ui.signIn('kim', `/sessions/${detail.id}`);
  await input().locator('.tok-comment').waitFor();
  const shown = script.replace('\u200b', '\\u{200b}');
  expect(await input().textContent()).toBe(shown);
  await input().locator('.tok-string').getByTitle('A character that would not be visible').waitFor();
  const copied = await input().evaluate((box) => {
    getSelection()?.selectAllChildren(box);
    return getSelection()?.toString();
  });
  // browsers leave out the last newline of a block
  expect(copied).toBe(shown.trimEnd());
  expect(await input().locator('[data-number]').count()).toBe(6 - 1);
  await expectAccessible(ui.page);
  await ui.page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(ui.page);
});

test('another version says what changed and who changed it', async () => {
  const given = { connectionEnvNames: [], agent: 'default', runAs: null, reviewers: ['sre'], window: null };
  const { detail } = ui.gateway.add(
    aSession({
      groups: ['sre'],
      envelopeVersion: 2,
      change: {
        at: at(30),
        by: 'root@example.com',
        what: ['command'],
        before: { ...given, command: ['bash'] },
        now: { ...given, command: ['bash', '-e'] },
      },
    }),
  );
  await ui.signIn('kim', `/sessions/${detail.id}`);
  const card = ui.section('What would run');
  await card.getByText('Version 2: the connection was changed').waitFor();
  await card.getByText('root@example.com').waitFor();
  expect(await card.getByRole('list', { name: 'before' }).allTextContents()).toEqual(['bash']);
  expect(await card.getByRole('list', { name: 'now' }).getByRole('listitem').allTextContents()).toEqual(['bash', '-e']);
});

test('the inbox is accessible, light and dark, and says when a request is about to expire', async () => {
  add('plain');
  ui.gateway.add(aSession({ connection: 'soon', expiresAt: new Date(Date.now() + 20 * 60_000).toISOString() }));
  ui.gateway.add(aSession({ connection: 'elsewhere', groups: ['billing'], minApprovals: 2 }));
  await openInbox();
  await ui.page.getByText(/^expires soon, in \d+ minutes$/).waitFor();
  await expectAccessible(ui.page);
  await ui.page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(ui.page);
});
