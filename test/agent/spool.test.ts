import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSpoolWriter } from '#agent/runner/spool-writer.ts';
import { eventually } from '#test/support/eventually.ts';
import { inspectSpool, openSpool, type ExitRecord, type SpoolItem } from '#agent/spool.ts';
import { latestAt, type RecordedStream } from '#shared/output-frame.ts';

const exit: ExitRecord = { reason: 'exit', exitCode: 0, signal: null, durationMs: 5, message: '' };
const nothing = { onWritten: () => undefined, onRoom: () => undefined, onFailure: () => undefined };

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoop-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function readAll(path: string, fromOffset: number, maxBytes: number): Promise<SpoolItem[]> {
  const reader = await openSpool(path, fromOffset);
  const { length } = readFileSync(path);
  const items: SpoolItem[] = [];
  for (let item = await reader.next(length, maxBytes); item !== null; item = await reader.next(length, maxBytes)) {
    items.push(item);
    if (item.kind === 'exit') break;
  }
  await reader.close();
  return items;
}

/** Each byte with its stream, so that two readings can be compared however they were cut. */
function bytesOf(items: SpoolItem[]): string[] {
  return items.flatMap((item) =>
    item.kind === 'output' ? [...item.chunk.data].map((byte) => `${item.chunk.stream}:${byte}`) : [],
  );
}

const outputs = fc.array(
  fc.record({
    stream: fc.constantFrom<RecordedStream>('stdout', 'stderr', 'input', 'resize'),
    data: fc.uint8Array({ minLength: 1, maxLength: 60 }),
  }),
  { maxLength: 40 },
);

test('from any offset, in pieces of any size, exactly the rest comes out, in order', async () => {
  const folder = makeFolder();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(outputs, fc.nat(2_500), fc.integer({ min: 1, max: 200 }), async (chunks, wanted, maxBytes) => {
      const path = join(folder, `${(count += 1)}`);
      const writer = createSpoolWriter(path, nothing);
      for (const { stream, data } of chunks) writer.append(stream, Buffer.from(data));
      await writer.finish(exit);
      const all = chunks.flatMap(({ stream, data }) => [...data].map((byte) => `${stream}:${byte}`));
      const offset = Math.min(wanted, all.length);
      const items = await readAll(path, offset, maxBytes);
      expect(bytesOf(items)).toEqual(all.slice(offset));
      expect(items.at(-1)).toEqual({ kind: 'exit', exit });
      let next = offset;
      for (const item of items) {
        if (item.kind === 'exit') continue;
        expect(item.chunk.offset).toBe(next);
        expect(item.chunk.data.length).toBeLessThanOrEqual(maxBytes);
        next += item.chunk.data.length;
      }
      expect(await inspectSpool(path)).toMatchObject({ outputBytes: all.length, ended: true });
    }),
    { numRuns: 60 },
  );
});

test('what came at different times stays apart, and what came at once travels together', async () => {
  const path = join(makeFolder(), 'spool');
  const start = performance.now();
  const late = createSpoolWriter(path, nothing, start - 60_000);
  late.append('stdout', Buffer.from('a'));
  late.append('stdout', Buffer.from('b'));
  await eventually(() => performance.now() - start > 20, { everyMs: 1, describe: 'another moment' });
  late.append('stdout', Buffer.from('c'));
  late.append('resize', Buffer.from('80x24'));
  late.append('resize', Buffer.from('81x24'));
  await late.finish(exit);
  const chunks = (await readAll(path, 0, 1000)).flatMap((item) => (item.kind === 'output' ? [item.chunk] : []));
  const texts = chunks.map(({ stream, data }) => `${stream} ${data.toString()}`);
  expect(texts).toEqual(['stdout ab', 'stdout c', 'resize 80x24', 'resize 81x24']);
  const times = chunks.map(({ at }) => at ?? 0);
  expect(times[0]).toBeGreaterThanOrEqual(60_000);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(15);
  // a reader that begins in the middle of a record knows its time as well
  const [rest] = await readAll(path, 1, 1000);
  expect(rest).toMatchObject({ chunk: { offset: 1, at: times[0] } });
});

test('of a command that has run for longer than the clock of recordings reaches, output is kept', async () => {
  const path = join(makeFolder(), 'spool');
  const days = 24 * 60 * 60 * 1000;
  const writer = createSpoolWriter(path, nothing, performance.now() - 60 * days);
  writer.append('stdout', Buffer.from('late'));
  await writer.finish(exit);
  const [late] = await readAll(path, 0, 1000);
  expect(late).toMatchObject({ chunk: { data: Buffer.from('late'), at: latestAt } });
});

test('large writes wait for the disk within a bound and come out whole', async () => {
  const path = join(makeFolder(), 'spool');
  let rooms = 0;
  const writer = createSpoolWriter(path, { ...nothing, onRoom: () => (rooms += 1) });
  const chunk = Buffer.alloc(64 * 1024, 7);
  const answers = Array.from({ length: 40 }, () => writer.append('stdout', chunk));
  expect(answers).toContain(false);
  chunk.fill(8); // who reads output uses its memory again
  await writer.finish(exit);
  const bytes = (await readAll(path, 0, 1_000_000)).flatMap((item) =>
    item.kind === 'output' ? [item.chunk.data] : [],
  );
  expect(Buffer.concat(bytes).equals(Buffer.alloc(40 * chunk.length, 7))).toBe(true);
  expect(rooms).toBeGreaterThan(0);
  expect(await inspectSpool(path)).toMatchObject({ outputBytes: 40 * chunk.length, ended: true });
});

test('a spool that ends in half a record gives what is there, at every length', async () => {
  const path = join(makeFolder(), 'spool');
  const writer = createSpoolWriter(path, nothing);
  writer.append('stdout', Buffer.from('first'));
  writer.append('stderr', Buffer.from('second'));
  await writer.finish(exit);
  const whole = readFileSync(path).length;
  for (let length = whole - 1; length > 0; length -= 1) {
    truncateSync(path, length);
    const items = await readAll(path, 0, 100);
    const bytes = bytesOf(items).length;
    expect(items.every((item) => item.kind === 'output')).toBe(true);
    expect(await inspectSpool(path)).toEqual({ spoolBytes: length, outputBytes: bytes, ended: false });
  }
});

test('a session has one spool and no second', async () => {
  const path = join(makeFolder(), 'spool');
  await createSpoolWriter(path, nothing).finish(exit);
  expect(() => createSpoolWriter(path, nothing)).toThrow('EEXIST');
});

test('a spool that is not there is none', async () => {
  expect(await inspectSpool(join(makeFolder(), 'none'))).toBeNull();
});
