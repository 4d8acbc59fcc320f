/** The audit log and the health of the system in the console. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import pg from 'pg';
import type { AuditRow } from '#shared/audit-schemas.ts';
import { expectAccessible } from '#test/support/axe.ts';
import { startConsole, type StackConsole } from '#test/support/console.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';

let hoop: StackConsole;
let admin: Page;
let db: pg.Client;

beforeAll(async () => {
  hoop = await startConsole();
  db = new pg.Client({ connectionString: hoop.stack.databaseUrl });
  await db.connect();
  admin = await hoop.signIn('/admin/audit');
  await admin.getByRole('table', { name: 'Audit log' }).waitFor();
});

afterAll(async () => {
  expect(hoop?.complaints ?? []).toEqual([]);
  await db?.end();
  await hoop?.close();
});

const rows = () => admin.getByRole('table', { name: 'Audit log' }).getByRole('row');

test('what was just done stands on top, with who did it and to what', async () => {
  await hoop.addUser('dana@example.com', ['dev']);
  await admin.reload();
  // the first row has the headings
  const newest = rows().nth(1);
  await newest.getByRole('link', { name: 'user:dana@example.com', exact: true }).waitFor();
  await newest.getByText('user.create').waitFor();
  await newest.getByText('user:admin@localhost').waitFor();
  expect(await newest.textContent()).toContain('groups: dev');
  expect(await newest.textContent()).not.toContain('correct horse battery');
  await expectAccessible(admin);
});

test('a filter is in the address and survives a reload; the export has the rows of the list', async () => {
  await admin.getByLabel('What', { exact: true }).fill('user.create');
  await admin.getByLabel('To what').fill('dana@example.com');
  await admin.waitForURL(/action=user.create&subject=dana/);
  await rows().nth(2).waitFor({ state: 'hidden' });
  await admin.reload();
  await rows().nth(1).getByText('user.create').waitFor();
  await rows().nth(2).waitFor({ state: 'hidden' });
  expect(await admin.getByLabel('To what').inputValue()).toBe('dana@example.com');

  const [download] = await Promise.all([
    admin.waitForEvent('download'),
    admin.getByRole('link', { name: 'Export these rows' }).click(),
  ]);
  const parts: Buffer[] = [];
  for await (const part of await download.createReadStream()) parts.push(part as Buffer);
  const exported = Buffer.concat(parts)
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditRow);
  const listed = await admin.request.get('/api/audit?action=user.create&subject=dana@example.com');
  expect(exported).toEqual(await listed.json());
  expect(exported).toMatchObject([{ actor: 'user:admin@localhost', action: 'user.create' }]);
  await admin.getByRole('button', { name: 'Show all' }).click();
  await rows().nth(2).waitFor();
});

test('the log is verified on the page; a row that somebody changed in the database is named', async () => {
  await admin.getByRole('button', { name: 'Verify' }).click();
  await admin.getByText(/^\d+ rows, unbroken$/).waitFor();
  await admin.getByText(/Verified .* by user:admin@localhost\./).waitFor();

  await db.query('alter table audit_log disable trigger audit_append_only');
  await db.query(`update audit_log set actor = 'user:eve@example.com' where id = 3`);
  await admin.getByRole('button', { name: 'Verify' }).click();
  await admin.getByText('Broken at row 3').waitFor();
  await admin.getByText('What it says is not what was written').waitFor();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Show row 3' }).click();
  await rows().nth(1).getByText('row 3', { exact: true }).waitFor();
  await rows().nth(1).getByText('user:eve@example.com').waitFor();
  // what came of it outlasts the page
  await admin.goto('/admin/audit');
  await admin.getByText('Broken at row 3').waitFor();
  expect(await admin.getByText(/rows, unbroken/).isVisible()).toBe(false);
});

const section = (name: string) => admin.getByRole('region', { name, exact: true });
/** Presses Refresh until the page says it. */
const refreshUntil = (says: () => Promise<void>) =>
  eventuallyPasses(
    async () => {
      await admin.getByRole('button', { name: 'Refresh' }).click();
      await says();
    },
    { deadlineMs: 60_000, everyMs: 500, describe: 'the page shows it' },
  );

test('the health page shows every part; a worker that was killed is missing there until it is back', async () => {
  await admin.goto('/admin/health');
  await section('Workers').getByText('1 worker runs.').waitFor();
  await section('Gateways').getByText('1 gateway runs.').waitFor();
  for (const part of ['Temporal', 'Postgres', 'Agents', 'Slack', 'Sweep', 'Sessions', 'Recordings', 'Versions']) {
    await section(part).waitFor();
  }
  // as verified above
  await section('Audit log').getByText('Broken at row 3').waitFor();
  await section('Audit log').getByText('Keep a copy of the database').waitFor();
  await expectAccessible(admin);

  await hoop.stack.kill('worker');
  await refreshUntil(() =>
    section('Workers').getByText('No worker runs; 1 went without stopping.').waitFor({ timeout: 2000 }),
  );
  await section('Workers').getByText('Start a worker').waitFor();
  await section('Workers').getByText('gone without stopping').waitFor();
  await admin.getByRole('listitem').getByText('Workers: No worker runs').waitFor();

  await hoop.stack.start('worker');
  await refreshUntil(() =>
    section('Workers').getByText('1 worker runs, 1 went without stopping.').waitFor({ timeout: 2000 }),
  );
  expect(await section('Workers').getByText('Start a worker').isVisible()).toBe(false);
}, 240_000);

test('on a phone nothing is out of sight to the right', async () => {
  const phone = await hoop.signIn('/admin/health', undefined, { viewport: { width: 360, height: 740 } });
  await phone.getByRole('region', { name: 'Workers' }).waitFor();
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await phone.goto('/admin/audit');
  await phone.getByRole('table', { name: 'Audit log' }).waitFor();
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await phone.context().close();
});
