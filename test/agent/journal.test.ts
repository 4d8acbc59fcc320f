import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal, type JournalRun } from '#agent/journal.ts';

function makePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoop-journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'journal.jsonl');
}

function makeRun(acceptBefore = '2030-01-01T00:00:00.000Z'): JournalRun {
  const runner = { id: randomUUID(), process: { pid: 4711, started: 'then' } };
  return {
    sessionId: randomUUID(),
    nonce: 'n'.repeat(16),
    digest: '0'.repeat(64),
    acceptBefore,
    runner,
    process: null,
  };
}

test('what was accepted is there again under the same journal id', () => {
  const path = makePath();
  const first = openJournal(path);
  const run = makeRun();
  first.accept(run);
  first.running(run.sessionId, { pid: 12, started: 'now' });
  const second = openJournal(path);
  expect(second.id).toBe(first.id);
  expect(second.runs()).toEqual([{ ...run, process: { pid: 12, started: 'now' } }]);
});

test('two journals have two ids', () => {
  expect(openJournal(makePath()).id).not.toBe(openJournal(makePath()).id);
});

test('a line that a crash cut off is dropped, at every length', () => {
  const path = makePath();
  const journal = openJournal(path);
  const kept = makeRun();
  const cut = makeRun();
  journal.accept(kept);
  const before = statSync(path).size;
  journal.accept(cut);
  const whole = readFileSync(path);
  for (let length = before; length < whole.length; length += 7) {
    writeFileSync(path, whole.subarray(0, length));
    expect(openJournal(path).runs()).toEqual([kept]);
  }
  writeFileSync(path, whole);
  expect(openJournal(path).runs()).toEqual([kept, cut]);
});

test('a forgotten session is remembered as such until its order could not be accepted any more', () => {
  const path = makePath();
  const acceptBefore = '2030-01-01T00:00:00.000Z';
  const soon = () => Date.parse(acceptBefore) + 60 * 60 * 1000;
  const late = () => Date.parse(acceptBefore) + 25 * 60 * 60 * 1000;
  const run = makeRun(acceptBefore);
  const journal = openJournal(path, soon);
  journal.accept(run);
  journal.forget(run.sessionId);
  expect(journal.isForgotten(run.sessionId)).toBe(true);
  expect(openJournal(path, soon).isForgotten(run.sessionId)).toBe(true);
  expect(openJournal(path, late).isForgotten(run.sessionId)).toBe(false);
});

test('the file does not grow without end while the agent runs', () => {
  const path = makePath();
  const journal = openJournal(path);
  const long = makeRun();
  journal.accept(long);
  const past = new Date(Date.now() - 48 * 60 * 60 * 1000).toISOString();
  for (let count = 0; count < 1_200; count += 1) {
    const run = makeRun(past);
    journal.accept(run);
    journal.forget(run.sessionId);
  }
  expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(1_000);
  expect(openJournal(path).runs()).toEqual([long]);
});

test('damage in the middle is named by line, and nothing is overwritten', () => {
  const path = makePath();
  openJournal(path).accept(makeRun());
  const damaged = readFileSync(path, 'utf8').replace('accepted', 'acc\u0000pted');
  writeFileSync(path, damaged);
  expect(() => openJournal(path)).toThrow(`damaged at line 2 of ${path}`);
  expect(readFileSync(path, 'utf8')).toBe(damaged);
});
