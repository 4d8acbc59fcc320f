import { expect, test } from 'vitest';
import * as schemas from '#shared/api-schemas.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';

const idOf = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
const queries = ({ api }: HoopCli) => api.seen('GET', '/api/sessions').map(({ query }) => Object.fromEntries(query));

/** Answers with `total` sessions, a page at a time, as the gateway does. */
function many(cli: HoopCli, total: number): void {
  const view = schemas.sessionView.parse(cli.api.addSession().view);
  const all = Array.from({ length: total }, (_, n) => ({ ...view, id: idOf(n) }));
  cli.api.answerWith('GET /api/sessions', schemas.sessionView.array(), ({ query }) => {
    const from = all.findIndex(({ id }) => id === query.get('before')) + 1;
    return all.slice(from, from + Number(query.get('limit')));
  });
}

test('a list that does not end here says how to go on', async () => {
  const cli = await hoopCli();
  many(cli, 3);
  const first = await cli.run(['sessions', 'list', '--limit', '2']);
  expect(first.stdout.toString().trimEnd().split('\n')).toHaveLength(3);
  expect(first.stderr).toBe(`There are more: add --before ${idOf(1)}\n`);
  const rest = await cli.run(['sessions', 'list', '--limit', '2', '--before', idOf(1), '-o', 'json']);
  expect(JSON.parse(rest.stdout.toString())).toMatchObject([{ id: idOf(2) }]);
  expect(rest.stderr).toBe('');
});

test('more than a page of the gateway is read page by page', async () => {
  const cli = await hoopCli();
  many(cli, 450);
  const { stdout, stderr } = await cli.run(['sessions', 'list', '--limit', '430', '-o', 'json']);
  const ids = (JSON.parse(stdout.toString()) as { id: string }[]).map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: 430 }, (_, n) => idOf(n)));
  expect(stderr).toContain('There are more');
  expect(queries(cli).map(({ limit }) => limit)).toEqual(['200', '200', '31']);
  expect(queries(cli)[1]?.['before']).toBe(idOf(199));
});

test('times are given as people write them, and sent as ISO times', async () => {
  const cli = await hoopCli();
  many(cli, 0);
  const asked = async (...args: string[]) => {
    expect(await cli.run(['sessions', 'list', ...args])).toMatchObject({ code: 0, stderr: 'No sessions.\n' });
    return queries(cli).at(-1);
  };
  expect(await asked('--since', '2026-11-23', '--until', '2026-11-23 14:00')).toMatchObject({
    since: '2026-11-23T00:00:00.000Z',
    until: '2026-11-23T14:00:00.000Z',
  });
  expect(await asked('--since', '2026-11-23T14:00:00+02:00')).toMatchObject({ since: '2026-11-23T12:00:00.000Z' });
  expect(await asked('--before', '2026-11-23T14:00Z')).toMatchObject({ before: '2026-11-23T14:00:00.000Z' });
  const ago = Date.now() - Date.parse((await asked('--since', '2h'))?.['since'] ?? '');
  expect(Math.abs(ago - 2 * 3_600_000)).toBeLessThan(60_000);
});

test('the way of a session is told a line each', async () => {
  const cli = await hoopCli();
  const at = (minute: number) => `2026-11-23T10:0${minute}:00.000Z`;
  const { view } = cli.api.addSession({
    timeline: [
      { at: at(0), what: 'asked', by: 'dana@example.com', via: 'cli', details: { reason: 'x' } },
      { at: at(1), what: 'posted', via: 'slack', details: { channel: '#ops' } },
      { at: at(1), what: 'notified', via: 'slack', details: { to: 'kim@example.com', event: 'asked' } },
      { at: at(1), what: 'changed', by: 'sam@example.com', details: { version: 2, changed: 'command' } },
      { at: at(2), what: 'seen', by: 'kim@example.com', via: 'console' },
      { at: at(3), what: 'approved', by: 'kim@example.com', via: 'api', details: { group: 'sre', reason: 'ok\u001b' } },
      { at: at(4), what: 'started', details: { agent: 'default', host: 'web-3' } },
      { at: at(4), what: 'noted', details: { action: 'temporal.workflow_ended', status: 'TERMINATED' } },
      { at: at(4), what: 'noted', details: { action: 'grant.activate', until: at(9), seconds: 300 } },
      { at: at(4), what: 'noted', details: { action: 'grant.extend', until: at(9), by: '7c9e6679-7425' } },
      { at: at(4), what: 'noted', details: { action: 'grant.close', why: 'time' } },
      { at: at(5), what: 'ended', details: { state: 'finished', exitCode: 3 } },
    ],
  });
  const { stdout } = await cli.run(['sessions', 'show', view.id]);
  expect(stdout.toString()).toContain(
    [
      'timeline    2026-11-23 10:00:00  asked     by dana@example.com (cli)',
      '            2026-11-23 10:01:00  posted    in #ops',
      '            2026-11-23 10:01:00  notified  kim@example.com in Slack: asked',
      '            2026-11-23 10:01:00  changed   connection (command) by sam@example.com: the request is version 2 now',
      '            2026-11-23 10:02:00  seen      by kim@example.com (console)',
      '            2026-11-23 10:03:00  approved  by kim@example.com (api, for sre): ok\\u{1b}',
      '            2026-11-23 10:04:00  started   by agent default on web-3',
      '            2026-11-23 10:04:00  noted     temporal.workflow_ended (status TERMINATED)',
      '            2026-11-23 10:04:00  noted     granted until 2026-11-23 10:09:00',
      '            2026-11-23 10:04:00  noted     extended until 2026-11-23 10:09:00, by 7c9e6679',
      '            2026-11-23 10:04:00  noted     closed (time): what runs under it is stopped',
      '            2026-11-23 10:05:00  ended     finished, exit status 3',
      '',
    ].join('\n'),
  );
});
