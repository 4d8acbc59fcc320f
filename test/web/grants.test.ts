/** Grants of connect in the console. */
import { expect, test } from 'vitest';
import { sha256Hex } from '#shared/digest.ts';
import { aGrant, aSession, people } from './support/samples.ts';
import { useConsole } from './support/use-console.ts';

const ui = useConsole();

const fromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const active = (minutes = 20) => ({
  state: 'active' as const,
  startedAt: fromNow(minutes - 30),
  activeUntil: fromNow(minutes + 0.5),
});

test('a grant is approved for less than was asked', async () => {
  const { detail } = ui.gateway.add(aGrant({ groups: ['sre', 'admin'] }));
  await ui.signIn('kim', `/sessions/${detail.id}`);
  await ui.page.getByRole('heading', { name: 'connect on bash' }).waitFor();
  await ui.section('State').getByText('30m', { exact: true }).waitFor();
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  const length = ui.page.getByRole('dialog').getByLabel('For how long');
  expect(await length.inputValue()).toBe('30m');
  for (const wrong of ['45m', '30s', 'a while']) {
    await length.fill(wrong);
    await ui.dialogButton('Approve').click();
    await ui.shows('Write a duration from 1m to 30m');
  }
  expect(ui.gateway.decisions).toEqual([]);
  await length.fill('10m');
  await ui.dialogButton('Approve').click();
  await ui.shows('Your approval counts.');
  expect(ui.gateway.decisions).toEqual([{ verdict: 'approve', digest: detail.digest, force: false, duration: 600 }]);
  await ui.section('Decisions').getByText('for 10m at most').waitFor();
  await ui.section('State').getByText('30m, shortened to 10m by a reviewer').waitFor();
});

test('approving without a change is for all that was asked, and a command has no duration', async () => {
  const grant = ui.gateway.add(aGrant());
  const command = ui.gateway.add(aSession({ groups: ['sre'] }));
  await ui.signIn('kim', `/sessions/${grant.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  await ui.dialogButton('Approve').click();
  await ui.shows('Your approval counts.');
  expect(ui.gateway.decisions).toEqual([{ verdict: 'approve', digest: grant.detail.digest, force: false }]);
  await ui.page.goto(`/sessions/${command.detail.id}`);
  await ui.page.getByRole('button', { name: 'Approve' }).click();
  await ui.dialogButton('Approve').waitFor();
  expect(await ui.page.getByLabel('For how long').count()).toBe(0);
});

test('an active grant says until when, follows an extension, and lists what runs under it as it comes', async () => {
  const grant = ui.gateway.add(aGrant(active()));
  const { id } = grant.detail;
  ui.gateway.add(aSession({ connection: 'elsewhere', state: 'finished', exitCode: 0 }));
  await ui.signIn('rosa', `/sessions/${id}`);
  const state = ui.section('State');
  await state.getByText('Commands run under it without another review.').waitFor();
  await state.getByText(/\(in (19|20) minutes\)/).waitFor();
  expect(await state.getByText('Until', { exact: true }).count()).toBe(0);
  const under = ui.section('Under this grant');
  await under.getByText('No command was run yet.').waitFor();

  const command = ui.gateway.add(aSession({ grant: id, state: 'running', startedAt: fromNow(0), groups: [] }));
  await under.getByText('Running').waitFor();
  ui.gateway.change(command, { state: 'finished', exitCode: 3, endedAt: fromNow(0) });
  await under.getByText('Exit 3').waitFor();
  expect(await under.getByRole('link').count()).toBe(1);
  ui.gateway.change(grant, { activeUntil: fromNow(50.5) });
  await state.getByText(/\(in (49|50) minutes\)/).waitFor();

  await under.getByRole('link').click();
  await ui.page.getByRole('heading', { name: 'exec on bash' }).waitFor();
  await ui.shows('Its grant was reviewed; commands under it need no review of their own.');
  await ui.page.getByRole('link', { name: `the grant ${id.slice(0, 8)}` }).click();
  await ui.page.getByRole('heading', { name: 'connect on bash' }).waitFor();
});

test('its requester gives an active grant back, and reads how it ends', async () => {
  const grant = ui.gateway.add(aGrant(active()));
  await ui.signIn('rosa', `/sessions/${grant.detail.id}`);
  await ui.page.getByRole('button', { name: 'Give back' }).waitFor();
  expect(await ui.page.getByRole('button', { name: 'Withdraw' }).count()).toBe(0);
  await ui.page.getByRole('button', { name: 'Give back' }).click();
  await ui.page.getByRole('dialog', { name: 'Give back this grant' }).waitFor();
  await ui.dialogButton('Give back').click();
  await ui.shows('You gave the grant back');
  await ui.section('State').getByText('what runs under it is being stopped').waitFor();
  await ui.section('Decisions').getByText('gave it back').waitFor();
  ui.gateway.change(grant, { state: 'ended', endedAt: fromNow(0) });
  await ui.section('State').getByText('The grant is over; nothing runs under it.').waitFor();
  await ui.section('State').getByText('Lasted').waitFor();
  expect(await ui.section('State').getByText('Active until').count()).toBe(0);
});

test('an admin revokes an active grant', async () => {
  const grant = ui.gateway.add(aGrant(active()));
  await ui.signIn('sam', `/sessions/${grant.detail.id}`);
  await ui.page.getByRole('button', { name: 'Revoke' }).click();
  await ui.dialogButton('Revoke').click();
  await ui.section('State').getByText('what runs under it is being stopped').waitFor();
  ui.gateway.change(grant, { state: 'revoked', endedAt: fromNow(0) });
  await ui.section('State').getByText('It was revoked.').waitFor();
  expect(grant.detail.decisions).toMatchObject([{ verdict: 'revoke', by: people.sam }]);
});

test('an extension leads to the grant that it extends', async () => {
  const grant = ui.gateway.add(aGrant(active()));
  const extension = ui.gateway.add(aGrant({ grant: grant.detail.id, digest: sha256Hex('extension') }));
  await ui.signIn('kim', `/sessions/${extension.detail.id}`);
  await ui.section('State').getByText('Extends').waitFor();
  await ui.page.getByRole('link', { name: /^the grant / }).click();
  await ui
    .section('Under this grant')
    .getByRole('link', { name: /connect for 30m more/ })
    .waitFor();
  expect(new URL(ui.page.url()).pathname).toBe(`/sessions/${grant.detail.id}`);
});

test('lists say what is a grant and until when it lasts, and are filtered by its states', async () => {
  const { detail } = ui.gateway.add(aGrant({ connection: 'with-grant', ...active() }));
  ui.gateway.add(aSession({ connection: 'with-command', grant: detail.id, groups: [], state: 'running' }));
  ui.gateway.add(aGrant({ connection: 'over', state: 'ended', endedAt: fromNow(0), startedAt: fromNow(-30) }));
  await ui.signIn('sam', '/sessions');
  await ui.page.getByRole('row', { name: /connect for 30m on with-grant.*ends in (19|20) minutes/ }).waitFor();
  await ui.page.getByRole('row', { name: /with-command.*under a grant/ }).waitFor();
  await ui.page.getByRole('button', { name: 'State Any' }).click();
  await ui.page.getByRole('checkbox', { name: 'Active' }).check();
  await ui.page.getByRole('link', { name: /over/ }).waitFor({ state: 'detached' });
  await ui.page.getByRole('link', { name: /with-grant/ }).waitFor();
  await ui.page.getByRole('checkbox', { name: 'Active' }).uncheck();
  await ui.page.getByRole('checkbox', { name: 'Ended' }).check();
  await ui.page.getByRole('link', { name: /with-grant/ }).waitFor({ state: 'detached' });
  await ui.page.getByRole('link', { name: /over/ }).waitFor();
  expect(new URL(ui.page.url()).search).toBe('?state=ended');
});

test('the page of a grant fits a phone', async () => {
  const grant = ui.gateway.add(aGrant({ ...active(), connection: 'a-connection-with-a-rather-long-name-for-a-phone' }));
  ui.gateway.add(
    aSession({ grant: grant.detail.id, state: 'finished', exitCode: 0, groups: [], requester: people.rosa }),
  );
  await ui.page.setViewportSize({ width: 360, height: 740 });
  await ui.signIn('rosa', `/sessions/${grant.detail.id}`);
  await ui.section('Under this grant').getByRole('link').waitFor();
  const wider = () =>
    ui.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await wider()).toBe(0);
  await ui.page.goto('/sessions');
  await ui.page.getByRole('link', { name: /connect for 30m/ }).waitFor();
  expect(await wider()).toBe(0);
});
