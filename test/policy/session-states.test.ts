import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endStates,
  isEndState,
  nextStates,
  openStates,
  sessionCan,
  sessionStates,
  whyNot,
  type SessionState,
} from '#shared/session-states.ts';

describe('session states', () => {
  test('nothing follows an end state, and every open state leads to one', () => {
    for (const state of endStates) expect(nextStates[state]).toEqual([]);
    const endsAfter = (state: SessionState) => nextStates[state].some(isEndState);
    // a grant that is active closes first
    for (const state of openStates) expect(endsAfter(state) || nextStates[state].every(endsAfter)).toBe(true);
  });

  test('expiry covers everything before the run, and a run cannot expire', () => {
    for (const state of ['pending', 'approved', 'queued'] as const) expect(nextStates[state]).toContain('expired');
    expect(nextStates.running).not.toContain('expired');
    expect(nextStates.running).not.toContain('rejected');
  });

  test('a random walk through the table ends in exactly one end state', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 40, maxLength: 60 }), (choices) => {
        let state: SessionState = 'pending';
        let ends = 0;
        for (const choice of choices) {
          // the ways back from approved and queued to pending are taken at most now and then
          const ways: SessionState[] = nextStates[state].filter((next) => next !== 'pending' || choice % 7 === 0);
          if (ways.length === 0) break;
          state = ways[choice % ways.length] ?? state;
          if (isEndState(state)) ends += 1;
        }
        expect(ends).toBe(isEndState(state) ? 1 : 0);
      }),
    );
  });

  test('what a state does not allow is explained', () => {
    for (const state of sessionStates) {
      for (const action of ['approve', 'reject', 'cancel', 'revoke', 'interrupt'] as const) {
        if (!sessionCan(action, state)) expect(whyNot(action, state)).toMatch(/\.$/);
      }
    }
  });
});
