import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase, type Database } from '#db/pool.ts';
import { closeBucket, takeTurn, type Bucket } from '#db/slack-pace.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, max: 8 });
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

/** Turns are minutes apart: a busy machine may stand still for seconds between two questions. */
let buckets = 0;
const bucket = (everyMs: number, burst: number): Bucket => ({ name: `b${(buckets += 1)}`, everyMs, burst });
const ask = (who: string, ...of: Bucket[]) => takeTurn(db, who, of);
const askAll = async (count: number, prefix: string, ...of: Bucket[]): Promise<number[]> => {
  const waits: number[] = [];
  for (let i = 0; i < count; i += 1) waits.push(await ask(`${prefix}${i}`, ...of));
  return waits;
};
/** As if everything had happened earlier. */
const timePasses = async (interval: string): Promise<void> => {
  await db.query(`update slack_turns set at = at - $1::interval`, [interval]);
  await db.query(
    `update slack_pace set departed_to = departed_to - $1::interval, promised_to = promised_to - $1::interval,
       closed_until = closed_until - $1::interval`,
    [interval],
  );
};

test('a burst leaves at once, the others each get a turn of their own', async () => {
  const waits = await askAll(6, 'a', bucket(100_000, 3));
  expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
  expect(waits.slice(3).map((ms) => Math.round(ms / 100_000))).toEqual([1, 2, 3]);
});

test('who asks again keeps the turn, and goes when it has come', async () => {
  const one = bucket(100_000, 1);
  expect(await askAll(3, 'k', one)).toEqual([0, expect.any(Number), expect.any(Number)]);
  const [second, third] = [await ask('k1', one), await ask('k2', one)];
  expect([second, third].map((ms) => Math.round(ms / 100_000))).toEqual([1, 2]);
  await timePasses('100 s');
  expect(await ask('k2', one)).toBeGreaterThan(90_000);
  expect(await ask('k1', one)).toBe(0);
  expect(await ask('k1', one)).toBeGreaterThan(0);
});

test('nobody overtakes those who wait', async () => {
  const one = bucket(100_000, 1);
  await askAll(2, 'o', one);
  await timePasses('100 s');
  expect(await ask('newcomer', one)).toBeGreaterThan(90_000);
  expect(await ask('o1', one)).toBe(0);
});

test('a long queue in one channel takes nothing of what all channels share', async () => {
  const [busy, quiet, shared] = [bucket(100_000, 1), bucket(100_000, 1), bucket(100, 2)];
  await askAll(200, 'q', busy, shared);
  await wait(110);
  expect(await ask('other', quiet, shared)).toBe(0);
});

test('whose turn has come waits for the shared limit too, and then goes', async () => {
  const [one, two, three, shared] = [bucket(10_000, 3), bucket(10_000, 3), bucket(10_000, 3), bucket(600_000, 2)];
  expect([await ask('s1', one, shared), await ask('s2', two, shared)]).toEqual([0, 0]);
  expect(Math.round((await ask('s3', three, shared)) / 600_000)).toBe(1);
  await timePasses('600 s');
  expect(await ask('s3', three, shared)).toBe(0);
});

test('those who come late, all at once, leave one by one all the same', async () => {
  const one = bucket(100_000, 3);
  await askAll(40, 'l', one);
  await timePasses('10000 s');
  const waits = await askAll(40, 'l', one);
  expect(waits.filter((ms) => ms === 0)).toHaveLength(3);
  expect(new Set(waits.map((ms) => Math.round(ms / 100_000))).size).toBe(38);
});

test('when Slack asks to wait, turns before that are renewed and later ones stay', async () => {
  const one = bucket(100_000, 1);
  await askAll(4, 'c', one);
  await closeBucket(db, one, 250_000, null);
  await timePasses('100 s');
  expect(await ask('c1', one)).toBeGreaterThan(140_000);
  expect(Math.round((await ask('c3', one)) / 100_000)).toBe(2);
  expect(await ask('newcomer', one)).toBeGreaterThan(290_000);
});

test('a second channel that has to wait tells that the limit is one that all share', async () => {
  const limit = { everyMs: 10_000, burst: 2 };
  const close = (name: string, family: string) => closeBucket(db, { name, ...limit }, 50_000, family);
  expect(await close('T1 post A', 'T1 post ')).toBe(false);
  expect(await close('T1 post A', 'T1 post ')).toBe(false);
  expect(await close('T2 post B', 'T2 post ')).toBe(false);
  expect(await close('T1 post B', 'T1 post ')).toBe(true);
});

test('turns of callers that never came back are forgotten after an hour', async () => {
  await db.query('delete from slack_turns');
  const one = bucket(10_000, 1);
  await askAll(2, 'f', one);
  await timePasses('2 h');
  await askAll(2, 'g', one);
  const left = await db.query("select 1 from slack_turns where holder = 'f1'");
  expect(left.rowCount).toBe(0);
});

describe('what changed just now', () => {
  const askFresh = (who: string, ...of: Bucket[]) => takeTurn(db, who, of, true);

  test('takes the next departure, and delays those who wait by one', async () => {
    const one = bucket(100_000, 1);
    await askAll(100, 'w', one);
    expect(Math.round((await askFresh('fresh', one)) / 100_000)).toBe(1);
    await timePasses('100 s');
    expect(await ask('w1', one)).toBeGreaterThan(0);
    expect(await askFresh('fresh', one)).toBe(0);
    await timePasses('100 s');
    expect(await ask('w2', one)).toBe(0);
    expect(await askFresh('next', one)).toBeGreaterThan(0);
  });

  test('has turns one after the other among its like, and keeps them when it is no longer new', async () => {
    const one = bucket(100_000, 2);
    await askAll(50, 'v', one);
    const waits = [
      await askFresh('x0', one),
      await askFresh('x1', one),
      await ask('x1', one),
      await askFresh('x2', one),
    ];
    expect(waits.map((ms) => Math.round(ms / 100_000))).toEqual([1, 2, 2, 3]);
    await timePasses('200 s');
    expect(await ask('x1', one)).toBe(0);
    await timePasses('600 s');
    expect([await askFresh('x3', one), await askFresh('x4', one)]).toEqual([0, 0]);
    expect(await ask('x2', one)).toBeLessThan(110_000);
  });

  test('passes limit after limit, however many wait in each', async () => {
    const [one, two] = [bucket(100_000, 1), bucket(40_000, 1)];
    const others = async () => [...(await askAll(30, 'p', one, two)), ...(await askAll(30, 'r', two))];
    await others();
    let asked = 0;
    for (let ms = 1; ms > 0 && asked < 10; asked += 1) {
      ms = await askFresh('both', one, two);
      await timePasses(`${ms} ms`);
      if (ms > 0) await others();
    }
    expect(asked).toBeLessThanOrEqual(3);
  });

  test('gives up a late turn that was given before it changed', async () => {
    const one = bucket(100_000, 1);
    await askAll(30, 'y', one);
    expect(await ask('y29', one)).toBeGreaterThan(2_000_000);
    expect(await askFresh('y29', one)).toBeLessThan(110_000);
  });

  test('goes at the pace and no faster where it comes late, or Slack asks to wait', async () => {
    const one = bucket(100_000, 2);
    for (let i = 0; i < 20; i += 1) await askFresh(`z${i}`, one);
    await timePasses('10000 s');
    const late: number[] = [];
    for (let i = 0; i < 20; i += 1) late.push(await askFresh(`z${i}`, one));
    expect(late.filter((ms) => ms === 0)).toHaveLength(2);
    await closeBucket(db, one, 5_000_000, null);
    expect(await askFresh('z19', one)).toBeGreaterThan(4_900_000);
  });
});

test('many callers at once on two pools go at the pace and no faster, each once', async () => {
  const other = openDatabase({ url: database.url, max: 8 });
  const [channel, shared] = [bucket(40, 3), bucket(10, 5)];
  const started = Date.now();
  const went: number[] = [];
  await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      for (;;) {
        const ms = await takeTurn(i % 2 === 0 ? db : other, `m${i}`, [channel, shared], i % 5 === 0);
        if (ms === 0) return went.push(Date.now() - started);
        await wait(ms);
      }
    }),
  );
  await other.end();
  went.sort((a, b) => a - b);
  expect(went).toHaveLength(40);
  expect(went.at(-1)).toBeGreaterThanOrEqual((40 - 3) * 40 - 20);
});
