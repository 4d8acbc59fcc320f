import { describe, expect, test } from 'vitest';
import { actionIds, blockIds, decodePlace, encodePlace, type ReadingPlace } from '#slack/blocks/decide-value.ts';
import { eventually, eventuallyPasses } from '../support/eventually.ts';
import {
  askInSlack,
  clickAt,
  clickInView,
  filledView,
  forge,
  openModal,
  postButton,
  submit,
  turn,
  viewsOf,
  type SeenView,
} from './modals.ts';
import {
  click,
  createWorld,
  decisionsOf,
  onlyMessage,
  people,
  privateText,
  shownText,
  startConnected,
  startRuntime,
  socketsOpen,
} from './world.ts';

const lines = Array.from({ length: 700 }, (_, i) => `echo ${i} ${'.'.repeat(30)}`);
/** Three pages, with something to look for at the start and at the end. */
const long = ['the first line', ...lines, 'rm -rf /the/last\u202eline'].join('\n');

const buttonsIn = (view: SeenView): string[] =>
  view.blocks.flatMap((block) => block.elements ?? []).flatMap((element) => element.action_id ?? []);
const placeOf = (view: SeenView): ReadingPlace => decodePlace(view.private_metadata) as ReadingPlace;

async function toLastPage(world: Parameters<typeof turn>[0], as: string, first: SeenView): Promise<SeenView> {
  let view = first;
  while (buttonsIn(view).includes(actionIds.nextPage)) view = await turn(world, as, view, actionIds.nextPage);
  return view;
}

describe('Approve of what a message does not show in full', () => {
  test('opens all of it first, page by page, and counts when the last page is submitted', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { script: long });

    const first = await openModal(world, 'bob', 'approve');
    expect(shownText(first)).toContain('not yet shown to you in full');
    expect(shownText(first)).toContain('the first line');
    expect(first.submit).toBeNull();
    const second = await turn(world, 'bob', first, actionIds.nextPage);
    expect(shownText(second)).toContain('echo 400 ');
    expect(second.submit).toBeNull();
    const again = await turn(world, 'bob', second, actionIds.previousPage);
    expect(shownText(again)).toContain('the first line');
    const last = await toLastPage(world, 'bob', again);
    expect(shownText(last)).toContain('rm -rf /the/last\\u{202e}line');
    expect(placeOf(last).page).toBe(3);
    expect(await decisionsOf(world, sessionId)).toEqual([]);

    expect(await submit(world, 'bob', last)).toMatchObject({ acked: true, responseAction: null, views: [] });

    const [decision] = await decisionsOf(world, sessionId);
    expect(decision).toMatchObject({ verdict: 'approve', userEmail: people.bob.email, via: 'slack', group: null });
    const signals = await eventually(() => world.temporal.signals.length > 0 && world.temporal.signals);
    expect(signals).toMatchObject([{ name: 'approve', decisionId: decision?.id }]);
  });

  test('every page is turned by a gateway that knows nothing of the one before', async () => {
    const world = await createWorld();
    const { installed, runtime } = await startConnected(world);
    const sessionId = await askInSlack(world, { script: long });
    const first = await openModal(world, 'bob', 'approve');
    await runtime.stop();
    await startRuntime(world);
    await socketsOpen(world, installed, 2);

    await submit(world, 'bob', await toLastPage(world, 'bob', first));

    expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'approve' }]);
  });

  test('two clicks on Next turn one page', async () => {
    const world = await createWorld();
    await startConnected(world);
    await askInSlack(world, { script: long });
    const first = await openModal(world, 'bob', 'approve');

    await Promise.all([
      clickInView(world, 'bob', first, actionIds.nextPage),
      clickInView(world, 'bob', first, actionIds.nextPage),
    ]);

    await eventuallyPasses(async () =>
      expect((await viewsOf(world, 'bob')).map((view) => placeOf(view).page)).toEqual([2]),
    );
  });

  test('a click on Next that comes late does not turn back what was turned since', async () => {
    const world = await createWorld();
    await startConnected(world);
    await askInSlack(world, { script: long });
    const first = await openModal(world, 'bob', 'approve');
    await world.control.remove('calls');
    await world.control.post('faults', { kind: 'late', ms: 2_500 });
    const late = clickInView(world, 'bob', first, actionIds.nextPage);

    await toLastPage(world, 'bob', first);

    expect(await late).toMatchObject({ acked: true });
    await eventually(async () => (await world.control.get('calls?method=views.update')).calls.length === 3);
    expect((await viewsOf(world, 'bob')).map((view) => placeOf(view).page)).toEqual([3]);
  });

  test('whatever button was clicked, it decides nothing and says that it was not yet shown in full', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { script: long });
    const at = await postButton(world, { actionId: 'approve', value: `${sessionId}:1` });

    expect(await clickAt(world, 'bob', 'approve', at)).toMatchObject({ acked: true });

    expect(await privateText(world, 'bob')).toContain('not yet shown to you in full');
    expect(shownText(await filledView(world, 'bob'))).toContain('the first line');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('a submit of any page but the last decides nothing', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { script: long });
    const first = await openModal(world, 'bob', 'approve');
    for (const page of [0, 1, 2, 4]) {
      await forge(world, first, encodePlace({ ...placeOf(first), page }));
      const reply = await submit(world, 'bob', first);
      expect(reply).toMatchObject({ acked: true, responseAction: 'update' });
      expect(shownText(reply.views)).toContain('not yet shown to you in full');
    }
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test.each([
    [
      'the digest of something else',
      (place: ReadingPlace) => ({ ...place, page: 3, digest: 'f'.repeat(64) }),
      'changed',
    ],
    [
      'a request that hoop does not know',
      (place: ReadingPlace) => ({ ...place, sessionId: crypto.randomUUID() }),
      'knows no such',
    ],
  ])('metadata forged to name %s decides nothing', async (_what, change, why) => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { script: long });
    const first = await openModal(world, 'bob', 'approve');
    await forge(world, first, encodePlace(change(placeOf(first))));
    const reply = await submit(world, 'bob', first);
    expect(shownText(reply.views)).toContain(why);
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('a person who may not approve is shown why, and nothing of the script', async () => {
    const world = await createWorld();
    await startConnected(world);
    await askInSlack(world, { script: long });
    for (const [as, why] of [
      ['dave', 'Type /hoop subscribe'],
      ['alice', 'your own request'],
    ] as const) {
      const view = await openModal(world, as, 'approve');
      expect(shownText(view)).toContain(why);
      expect(shownText(view)).not.toContain('the first line');
      expect(view.submit).toBeNull();
    }
  });

  test('a request that changes or ends while it is read is not approved, and the page says so', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { script: long });
    const first = await openModal(world, 'bob', 'approve');
    const last = await toLastPage(world, 'bob', first);
    await world.db.query("update sessions set digest = repeat('e', 64) where id = $1", [sessionId]);
    expect(shownText((await submit(world, 'bob', last)).views)).toContain('changed since you were shown it');
    await world.db.query("update sessions set state = 'cancelled', ended_at = now() where id = $1", [sessionId]);
    expect(shownText(await openModal(world, 'carol', 'approve'))).toContain('already ended');
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('what Slack cannot show is approved in the console only, and a click says so', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { script: '/w==', scriptEncoding: 'base64' });
    const message = await onlyMessage(world);
    expect(JSON.stringify(message.blocks)).toContain('Read it in full in hoop to approve');
    for (const blockId of [blockIds.decide, blockIds.decideInFull]) {
      const at = await postButton(world, { actionId: 'approve', value: `${sessionId}:1`, blockId });
      await clickAt(world, 'bob', 'approve', at);
      const view = await filledView(world, 'bob');
      expect(shownText(view)).toContain('Slack cannot show all of it');
      expect(JSON.stringify(view)).toContain(`/sessions/${sessionId}`);
      await world.control.post(`views/${view.id}/close`, { as: 'bob' });
    }
    expect(await decisionsOf(world, sessionId)).toEqual([]);
  });

  test('a hundred kilobytes are read in Slack', async () => {
    const world = await createWorld();
    await startConnected(world);
    const sessionId = await askInSlack(world, { script: 'tail of a line of a long script\n'.repeat(3_200) });
    const last = await toLastPage(world, 'bob', await openModal(world, 'bob', 'approve'));
    expect(placeOf(last).page).toBeGreaterThan(8);
    await submit(world, 'bob', last);
    expect(await decisionsOf(world, sessionId)).toMatchObject([{ verdict: 'approve' }]);
  });

  test('a click that Slack delivers twice opens one modal and tells of no trouble', async () => {
    const world = await createWorld();
    await startConnected(world);
    await askInSlack(world, { script: long });
    await world.control.post('faults', { kind: 'duplicate' });
    await click(world, 'bob', 'approve');
    await filledView(world, 'bob');
    await eventually(async () => {
      const { calls } = await world.control.get('calls?method=views.open');
      return calls.length === 2;
    });
    expect(await viewsOf(world, 'bob')).toHaveLength(1);
    const { calls } = await world.control.get('calls?method=response_url');
    expect(calls).toEqual([]);
  });
});
