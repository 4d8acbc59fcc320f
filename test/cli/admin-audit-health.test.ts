import { chmod, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { auditRow, type AuditRow } from '#shared/audit-schemas.ts';
import { healthView, type HealthPart, type HealthView } from '#shared/health-schemas.ts';
import { hoopCli, type HoopCli } from '#test/support/hoop-cli.ts';
import { runProcess } from '#test/support/processes.ts';

const rowOf = (id: number, over: Partial<AuditRow> = {}): AuditRow => ({
  ...{ id, at: '2026-11-23T10:00:00.123456Z', actor: 'user:ann@example.com', action: 'session.create' },
  ...{ subject: 'session:7c9e6679', details: {}, hash: 'aa', ...over },
});
/** Answers with `total` rows, a page at a time, as the gateway does. */
const many = (cli: HoopCli, total: number): void =>
  cli.api.answerWith('GET /api/audit', auditRow.array(), ({ query }) => {
    const from = Number(query.get('before') ?? total + 1) - 1;
    return Array.from({ length: Math.min(from, Number(query.get('limit'))) }, (_, n) => rowOf(from - n));
  });
const idsOf = (stdout: Buffer) => (JSON.parse(stdout.toString()) as AuditRow[]).map(({ id }) => id);

test('the audit log is listed by what is asked for, with what others wrote made harmless', async () => {
  const cli = await hoopCli();
  const rows = [
    rowOf(12, {
      action: 'user.change',
      subject: 'user:\u001b[2Jeve@example.com',
      details: { groups: ['x'.repeat(200)] },
    }),
    rowOf(11),
  ];
  cli.api.answer('GET /api/audit', auditRow.array(), rows);
  const filters = ['--actor', 'ann@example.com', '--action', 'user', '--subject', 'eve', '--since', '2026-11-23'];
  const { code, stdout, stderr } = await cli.run([
    'admin',
    'audit',
    'list',
    ...filters,
    '--until',
    '2026-11-24T00:00Z',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [headings, first, second] = stdout.toString().split('\n');
  expect(headings).toMatch(/^ROW +AT +ACTOR +ACTION +SUBJECT +DETAILS$/);
  expect(first).toContain('12   2026-11-23 10:00:00  user:ann@example.com  user.change');
  expect(first).toMatch(/\\u\{1b\}.*x…$/);
  expect(second).toMatch(/session:7c9e6679 +-$/);
  const [seen] = cli.api.seen('GET', '/api/audit');
  expect(Object.fromEntries(seen?.query ?? [])).toEqual({
    ...{ actor: 'ann@example.com', action: 'user', subject: 'eve', limit: '51' },
    ...{ since: '2026-11-23T00:00:00.000Z', until: '2026-11-24T00:00:00.000Z' },
  });
  expect(idsOf((await cli.run(['admin', 'audit', 'list', '-o', 'json'])).stdout)).toEqual([12, 11]);
});

test('a list that does not end says how to go on, and is read page by page', async () => {
  const cli = await hoopCli();
  many(cli, 450);
  const first = await cli.run(['admin', 'audit', 'list', '--limit', '430', '-o', 'json']);
  expect(idsOf(first.stdout)).toEqual(Array.from({ length: 430 }, (_, n) => 450 - n));
  expect(first.stderr).toBe('There are more: add --before 21\n');
  const rest = await cli.run(['admin', 'audit', 'list', '--before', '21', '-o', 'json']);
  expect(idsOf(rest.stdout)).toEqual(Array.from({ length: 20 }, (_, n) => 20 - n));
  expect(rest.stderr).toBe('');
  many(cli, 0);
  expect(await cli.run(['admin', 'audit', 'list'])).toMatchObject({ code: 0, stderr: 'No rows.\n' });
});

test('an export is written as it comes, to stdout or to a file of its own', async () => {
  const cli = await hoopCli();
  cli.api.answer('GET /api/audit/export', z.unknown(), { id: 1 });
  const shown = await cli.run(['admin', 'audit', 'export', '--action', 'session']);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(shown.stdout.toString())).toEqual({ id: 1 });
  expect(Object.fromEntries(cli.api.seen('GET', '/api/audit/export')[0]?.query ?? [])).toEqual({ action: 'session' });
  const file = join(cli.home, 'audit.ndjson');
  expect(await cli.run(['admin', 'audit', 'export', '--file', file])).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ id: 1 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, 'of yesterday');
  await chmod(file, 0o644);
  await cli.run(['admin', 'audit', 'export', '--file', file]);
  expect([JSON.parse(await readFile(file, 'utf8')), (await stat(file)).mode & 0o777]).toEqual([{ id: 1 }, 0o600]);
  const pipe = join(cli.home, 'audit.pipe');
  await runProcess('mkfifo', [pipe]);
  const [piped] = await Promise.all([readFile(pipe, 'utf8'), cli.run(['admin', 'audit', 'export', '--file', pipe])]);
  expect([JSON.parse(piped), (await stat(pipe)).isFIFO()]).toEqual([{ id: 1 }, true]);
  const nowhere = await cli.run(['admin', 'audit', 'export', '--file', '/does/not/exist']);
  expect(nowhere).toMatchObject({ code: 64, stderr: expect.stringContaining('cannot write the rows') as string });
  cli.api.refuse('GET /api/audit/export', 'not_allowed', 'Only admins may.');
  expect(await cli.run(['admin', 'audit', 'export'])).toMatchObject({ code: 77, stderr: 'hoop: Only admins may.\n' });
});

test('what others wrote does nothing to a terminal, as JSON neither', async () => {
  const cli = await hoopCli();
  const evil = { id: 1, detail: 'a\u009b2J\u202eb\u{e0041}c' };
  cli.api.answer('GET /api/audit/export', z.unknown(), evil);
  const terminal = await cli.onTerminal(['admin', 'audit', 'export']);
  expect(await terminal.ended).toBe(0);
  expect(terminal.screen().trim()).toBe(String.raw`{"id":1,"detail":"a\u009b2J\u202eb\udb40\udc41c"}`);
  expect(JSON.parse(terminal.screen())).toEqual(evil);
  const piped = await cli.run(['admin', 'audit', 'export']);
  expect(piped.stdout.toString()).toContain('\u009b');
});

test('an export whose line breaks before its end is not taken for whole', async () => {
  const cli = await hoopCli();
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"id":1}\n', () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const env = { HOOP_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const end = await cli.run(['admin', 'audit', 'export'], { env });
  expect(end).toMatchObject({
    code: 69,
    stderr: expect.stringMatching(/^hoop: The line to the gateway broke/) as string,
  });

  const file = join(cli.home, 'audit.ndjson');
  await writeFile(file, 'of yesterday', { mode: 0o644 });
  expect((await cli.run(['admin', 'audit', 'export', '--file', file], { env })).code).toBe(69);
  expect([await readFile(file, 'utf8'), await readdir(cli.home)]).toEqual([
    'of yesterday',
    ['audit.ndjson', 'config.json'],
  ]);
});

const part = (name: HealthPart['part'], over: Partial<HealthPart> = {}): HealthPart => ({
  ...{ part: name, state: 'ok', summary: 'Fine.', advice: [], facts: [], things: [], link: null, ...over },
});
const health = (state: HealthView['state'], parts: HealthPart[]): HealthView => ({
  ...{ at: '2026-11-23T10:00:00.000Z', state, version: '0.2.0', parts },
});

test('health is a line a part, with status 0 when all is well', async () => {
  const cli = await hoopCli();
  cli.api.answer('GET /api/health', healthView, health('ok', [part('gateways'), part('audit')]));
  const { code, stdout, stderr } = await cli.run(['admin', 'health']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.toString()).toBe('PART       STATE  SUMMARY\nGateways   ok     Fine.\nAudit log  ok     Fine.\n');
});

test.each(['warning', 'bad'] as const)(
  'health with a part that is %s names it, says what to do, and has status 70',
  async (state) => {
    const cli = await hoopCli();
    const things = [
      { name: 'host-1', state: 'ok' as const, summary: 'polls', facts: [] },
      { name: 'host-2', state, summary: 'went without stopping', facts: [] },
    ];
    const workers = part('workers', { state, summary: 'One is gone.', advice: ['Start it again.'], things });
    cli.api.answer('GET /api/health', healthView, health(state, [part('gateways'), workers]));
    const { code, stdout, stderr } = await cli.run(['admin', 'health']);
    expect({ code, stderr }).toEqual({ code: 70, stderr: 'hoop: not all is well: Workers.\n' });
    const lines = stdout
      .toString()
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, ' | '));
    expect(lines.slice(1)).toEqual([
      'Gateways | ok | Fine.',
      `Workers | ${state} | One is gone.`,
      `- host-2 | ${state} | went without stopping`,
      ...['', 'Workers: Start it again.', ''],
    ]);
    const json = await cli.run(['admin', 'health', '-o', 'json']);
    expect([json.code, (JSON.parse(json.stdout.toString()) as HealthView).state]).toEqual([70, state]);
  },
);
