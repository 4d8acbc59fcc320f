import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { inputWindowBytes } from '#shared/input-frame.ts';
import { echoPatienceMs, readSettings, type MayRecord } from '#agent/runner/echo-check.ts';
import { createInputRecorder } from '#agent/runner/input-recorder.ts';
import { createTypedInput } from '#agent/runner/typed-input.ts';
import { eventuallyPasses } from '#test/support/eventually.ts';
import { answerWithinMs } from '../../web/util/terminal-line.ts';

/** A recorder whose questions are answered by the test. */
function startRecorder() {
  const recorded: string[] = [];
  const questions: ((answer: MayRecord) => void)[] = [];
  const recorder = createInputRecorder({
    check: () => new Promise((resolve) => questions.push(resolve)),
    record: (bytes) => void recorded.push(bytes.toString()),
  });
  const answer = async (value: MayRecord) => {
    await eventuallyAsked();
    questions.shift()?.(value);
    await new Promise(setImmediate);
  };
  const eventuallyAsked = async () => {
    for (let turn = 0; turn < 10 && questions.length === 0; turn += 1) await new Promise(setImmediate);
    expect(questions).toHaveLength(1); // never two at a time
  };
  const type = (text: string) => recorder.typed(Buffer.from(text));
  const before = (text: string) => recorder.before(Buffer.from(text));
  return { recorder, recorded, questions, answer, type, before };
}

test('a key is written at once and recorded when the answer after it allows it', async () => {
  const { recorder, recorded, answer, type, before } = startRecorder();
  expect(before('a')).toBeUndefined();
  type('a');
  expect(recorded).toEqual([]);
  void recorder.settle();
  await answer(true);
  expect(recorded).toEqual(['a']);
});

test('Enter waits until all before it is decided, and alone waits for nothing', async () => {
  const { recorded, answer, type, before } = startRecorder();
  expect(before('\r')).toBeUndefined();
  type('secret');
  const waiting = before('\r');
  expect(waiting).toBeDefined();
  await answer(false);
  await waiting;
  type('\r');
  expect(recorded).toEqual([]);
});

test('Enter waits for the question under way and one more, and a page that waits for its keys outlasts both', async () => {
  const { questions, answer, type, before } = startRecorder();
  type('a');
  await eventuallyPasses(() => expect(questions).toHaveLength(1));
  type('b');
  const waiting = before('\r');
  expect(waiting).toBeDefined();
  await answer(undefined);
  await answer(undefined);
  await waiting;
  expect(questions).toEqual([]);
  expect(2 * echoPatienceMs).toBeLessThan(answerWithinMs);
});

test('a pasted line is recorded by the answer to a question asked for it', async () => {
  const { recorded, answer, type, before } = startRecorder();
  let waiting = before('sudo ls\r');
  await answer(true);
  await waiting;
  type('sudo ls\r');
  expect(recorded).toEqual(['sudo ls\r']);
  waiting = before('secret\r');
  await answer(false);
  await waiting;
  type('secret\r');
  expect(recorded).toEqual(['sudo ls\r']);
});

test('lines behind the first of a paste wait for the answer after them', async () => {
  const { recorder, recorded, answer, type, before } = startRecorder();
  const waiting = before('sudo ls\nsecret\n');
  await answer(true);
  await waiting;
  type('sudo ls\nsecret\n');
  void recorder.settle();
  await answer(false);
  expect(recorded).toEqual(['sudo ls\n']);
});

test('what is typed while a question is under way is decided by the next', async () => {
  const { recorder, recorded, answer, type } = startRecorder();
  type('a');
  void recorder.settle();
  type('b');
  await answer(true);
  expect(recorded).toEqual(['a']);
  await answer(false);
  expect(recorded).toEqual(['a']);
});

test('what was typed when the answer was no stays off the record, whatever comes after', async () => {
  const { recorder, recorded, answer, type } = startRecorder();
  type('a');
  void recorder.settle();
  await answer(false);
  type('b');
  void recorder.settle();
  await answer(true);
  type('c');
  void recorder.settle();
  await answer(true);
  expect(recorded).toEqual(['c']);
});

test('without answers nothing is recorded, and after three nobody is asked or waits', async () => {
  const { recorder, recorded, questions, answer, type, before } = startRecorder();
  for (let times = 0; times < 3; times += 1) {
    const waiting = before('ls\r');
    await answer(undefined);
    await waiting;
  }
  expect(before('ls\r')).toBeUndefined();
  type('ls\r');
  await recorder.settle();
  expect([recorded, questions]).toEqual([[], []]);
});

test.for([
  ['isig icanon iexten echo echoe', true],
  ['isig icanon iexten -echo echoe', false],
  ['isig -icanon iexten -echo echoe', true],
  ['speed 9600 baud; lflags: icanon isig iexten echo echoe', true],
  ['stty: invalid argument', undefined],
] satisfies [string, MayRecord][])('of %j the record may be: %s', ([text, mayRecord]) => {
  expect(readSettings(`intr = ^C; eol = <undef>;\n${text} echok -echonl\n`)).toBe(mayRecord);
});

test('however often and in whatever pieces it is sent again, every byte is typed once and in order', () => {
  const pieces = fc.array(fc.tuple(fc.nat(300), fc.nat(80), fc.nat(40)), { maxLength: 60 });
  fc.assert(
    fc.property(pieces, fc.uint8Array({ minLength: 300, maxLength: 300 }), (sends, bytes) => {
      const all = Buffer.from(bytes);
      const input = createTypedInput();
      const client = randomUUID();
      expect(input.attach(client)).toBe(0);
      const typed: Buffer[] = [];
      const write = (most: number) => {
        const next = input.next()?.subarray(0, most);
        if (next === undefined || next.length === 0) return;
        typed.push(next);
        expect(input.written(next.length)).toMatchObject({ client, offset: Buffer.concat(typed).length });
      };
      for (const [offset, length, written] of sends) {
        input.push(client, offset, all.subarray(offset, offset + length));
        write(written);
      }
      input.push(client, 0, all); // at last all of it, from the beginning
      while (input.next() !== undefined) write(1000);
      expect(Buffer.concat(typed)).toEqual(all);
      expect(input.attach(client)).toBe(all.length);
    }),
  );
});

test('what a client sends beyond its window is not kept', () => {
  const input = createTypedInput();
  const client = randomUUID();
  input.attach(client);
  const data = Buffer.alloc(32 * 1024);
  for (let offset = 0; offset < 2 * inputWindowBytes; offset += data.length) input.push(client, offset, data);
  let kept = 0;
  for (let next = input.next(); next !== undefined; next = input.next()) {
    kept += next.length;
    input.written(next.length);
  }
  expect(kept).toBe(inputWindowBytes);
});

test('clients without number are not kept either, and none that has something waiting is forgotten', () => {
  const input = createTypedInput();
  const busy = randomUUID();
  input.attach(busy);
  input.push(busy, 0, Buffer.from('waiting'));
  for (let count = 0; count < 100; count += 1) expect(input.attach(randomUUID())).toBe(0);
  input.push(busy, 0, Buffer.from('waiting and more'));
  expect(input.next()?.toString()).toBe('waiting');
  const others = Array.from({ length: 15 }, () => randomUUID());
  for (const client of others) {
    input.attach(client);
    input.push(client, 0, Buffer.from('x'));
  }
  expect(input.attach(randomUUID())).toBeUndefined();
  expect(input.attach(busy)).toBe(0);
});
