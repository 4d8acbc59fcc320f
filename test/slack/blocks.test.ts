import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { viewOf } from '#sandbox/blocks/validate.ts';
import { approveModal } from '#slack/blocks/approve-modal.ts';
import {
  decodeChoice,
  decodeDecideValue,
  decodePlace,
  encodeChoice,
  encodeDecideValue,
  encodePlace,
} from '#slack/blocks/decide-value.ts';
import { directMessage } from '#slack/blocks/direct-message.ts';
import { fitsInMessage } from '#slack/blocks/envelope-parts.ts';
import { noticeModal } from '#slack/blocks/modal.ts';
import { outcomeMessage } from '#slack/blocks/outcome-message.ts';
import { readingPages } from '#slack/blocks/reading-pages.ts';
import { rejectFrame, rejectModal } from '#slack/blocks/reject-modal.ts';
import { reviewMessage } from '#slack/blocks/review-message.ts';
import { cut, privateAnswer } from '#slack/blocks/text.ts';
import {
  alice,
  anyView,
  at,
  bob,
  firstInvisible,
  halfCharacter,
  live,
  problemsOf,
  sessionId,
  text,
  viewWith,
} from './views.ts';
import { buttons, shownText } from './world.ts';

describe('whatever people write', () => {
  test('a review message holds no markup and stays in the limits', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(problemsOf(reviewMessage(view))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('outcomes and direct messages hold no markup and stay in the limits', () => {
    const event = fc.constantFrom('approved', 'rejected', 'expired', 'revoked', 'finished' as const);
    fc.assert(
      fc.property(anyView, event, (view, which) => {
        expect(problemsOf(outcomeMessage(view))).toEqual([]);
        expect(problemsOf(directMessage(which, view))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('private answers and modals hold no markup and stay in the limits', () => {
    fc.assert(
      fc.property(text(5000), anyView, (words, view) => {
        expect(problemsOf(privateAnswer(`x${words}`))).toEqual([]);
        const shown = { sessionId, envelopeVersion: view.envelopeVersion };
        for (const modal of [noticeModal(rejectFrame(shown), `x${words}`), rejectModal(shown, view)]) {
          expect(() => viewOf(modal)).not.toThrow();
          expect(JSON.stringify(modal)).not.toContain('mrkdwn');
          expect(firstInvisible(shownText(modal))).toBeUndefined();
        }
      }),
      { numRuns: 100 },
    );
  });

  test('every page before an approval holds no markup and stays in the limits', () => {
    const choices = fc.record({
      groups: fc.uniqueArray(text(100), { maxLength: 120 }),
      mayForce: fc.boolean(),
      askedSeconds: fc.option(fc.integer({ min: 60, max: 172_800 }), { nil: null }),
    });
    fc.assert(
      fc.property(anyView, fc.option(choices, { nil: null }), (view, chosen) => {
        const pages = readingPages(view) ?? [];
        for (let page = Math.min(1, pages.length); page <= pages.length; page += 1) {
          const place = { sessionId, envelopeVersion: 1, page, choosing: chosen !== null, digest: 'd'.repeat(64) };
          const modal = approveModal(place, view, pages, chosen);
          expect(() => viewOf(modal)).not.toThrow();
          expect(JSON.stringify(modal)).not.toContain('mrkdwn');
          expect(firstInvisible(shownText(modal))).toBeUndefined();
          expect(shownText(modal)).not.toMatch(halfCharacter);
          expect('submit' in modal).toBe(page === pages.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a cut never leaves half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (whole, max) => {
        const { text: short } = cut(whole, max);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short).not.toMatch(halfCharacter);
      }),
    );
  });
});

describe('a review message', () => {
  test('says who, where, why, until when, what runs, and how far each group is', () => {
    const message = reviewMessage(viewWith({ args: ['-c', "it's"], envNames: ['A', 'B'] }));
    const shown = shownText(message.blocks);
    for (const part of [
      'Review of a command on bash',
      'Alice Archer (alice@example.com)',
      'bash (agent default)',
      'disk full',
      `bash -c 'it'\\''s'`,
      'ls',
      'A, B',
      '1 of 2 groups',
      '✓ admin: approved',
      '○ sre: waiting',
    ]) {
      expect(shown).toContain(part);
    }
    expect(JSON.stringify(message.blocks)).toContain('"fallback":"2026-11-23 05:06 UTC"');
    expect(message.text).toBe('Review of a command on bash: Waiting for approval');
  });

  test('says of a request that has ended that a group did not approve, for nobody waits any more', () => {
    const shown = shownText(reviewMessage(viewWith({ state: 'rejected', endedAt: new Date() })).blocks);
    expect(shown).toContain('○ sre: not approved');
    expect(shown).not.toContain('waiting');
  });

  test('offers Approve, Reject and the console, with nothing but an id and a version in the buttons', () => {
    const message = reviewMessage(viewWith());
    expect(buttons(message as never)).toEqual(['approve', 'approve_as', 'reject', 'open']);
    expect(JSON.stringify(message.blocks)).toContain(`"value":"${sessionId}:1"`);
    expect(JSON.stringify(message)).not.toContain('dddd');
  });

  test.each([
    ['the standard input is long', { script: 'x'.repeat(100_000), scriptBytes: 100_000 }],
    ['the arguments are long', { args: ['x'.repeat(5000)] }],
    ['the reason is long', { reason: 'x'.repeat(2000) }],
    ['there are many variables', { envNames: Array.from({ length: 128 }, (_, i) => `A_LONG_NAME_${i}`) }],
    ['what is invisible makes it long', { script: '\u200b'.repeat(1000), scriptBytes: 3000 }],
  ])('offers to read in full before Approve when %s', (_what, changes) => {
    const view = viewWith(changes);
    const message = reviewMessage(view);
    expect(fitsInMessage(view)).toBe(false);
    expect(buttons(message as never)).toEqual(['approve', 'approve_as', 'reject', 'open']);
    expect(shownText(message.blocks)).toContain('Read in full and approve…');
    expect(JSON.stringify(message.blocks)).toContain('"block_id":"decide_in_full"');
  });

  test.each([
    ['the standard input is no text', { script: null, scriptBytes: 3 }],
    [
      'the standard input is larger than anybody would page through',
      { script: 'x'.repeat(500_001), scriptBytes: 500_001 },
    ],
  ])('links to the console instead of Approve when %s', (_what, changes) => {
    const message = reviewMessage(viewWith(changes));
    expect(buttons(message as never)).toEqual(['read_in_full', 'reject']);
    expect(JSON.stringify(message.blocks)).toContain(`"url":"https://hoop.example.com/sessions/${sessionId}"`);
  });

  test('offers a choice where there are several groups, or where one may force', () => {
    const one = [{ group: 'sre', approvedBy: [], met: false }];
    expect(buttons(reviewMessage(viewWith({ groups: one })) as never)).toEqual(['approve', 'reject', 'open']);
    const forced = reviewMessage(viewWith({ groups: one, forceApproveGroups: ['dba'] }));
    expect(buttons(forced as never)).toEqual(['approve', 'approve_as', 'reject', 'open']);
  });

  test('counts people too where the policy asks for more of them than groups', () => {
    const two = viewWith({ approvals: 1, approvalsNeeded: 3, distinctReviewers: true });
    expect(shownText(reviewMessage(two).blocks)).toContain('1 of 2 groups, 1 of 3 people, each by a different person');
  });

  test('sixty groups with long names each have a line', () => {
    const groups = Array.from({ length: 60 }, (_, i) => ({
      group: `group-${i}:${'x'.repeat(90)}`,
      approvedBy: [],
      met: i % 2 === 0,
    }));
    const message = reviewMessage(viewWith({ groups }));
    expect(shownText(message.blocks).match(/[✓○] group-\d+:/g)).toHaveLength(60);
    expect(problemsOf(message)).toEqual([]);
  });

  test('shows invisible and bidirectional characters of a script', () => {
    const shown = shownText(reviewMessage(viewWith({ script: 'rm \u202e/etc\u200b', scriptBytes: 12 })).blocks);
    expect(shown).toContain('rm \\u{202e}/etc\\u{200b}');
  });

  test('says that the agent is offline', () => {
    const offline = { agent: { name: 'default', online: false } };
    expect(shownText(reviewMessage(viewWith(offline)).blocks)).toContain('offline');
    expect(shownText(reviewMessage(viewWith()).blocks)).not.toContain('offline');
  });

  test('after the decision has no buttons to decide, and says who, when, why and how it ended', () => {
    const decisions = [
      {
        id: '1',
        countsFor: ['sre'],
        by: alice,
        verdict: 'approve' as const,
        group: 'sre',
        force: false,
        reason: '',
        at,
        outdated: false,
      },
      {
        id: '2',
        countsFor: [],
        by: bob,
        verdict: 'reject' as const,
        group: null,
        force: false,
        reason: 'wrong server',
        at,
        outdated: false,
      },
    ];
    const message = reviewMessage(viewWith({ state: 'rejected', endedAt: at, decisions }));
    expect(buttons(message as never)).toEqual(['open']);
    const shown = shownText(message.blocks);
    expect(shown).toContain('Alice Archer (alice@example.com) approved for sre');
    expect(shown).toContain('bob@example.com rejected');
    expect(shown).toContain('wrong server');
    expect(message.text).toBe('Review of a command on bash: Rejected');
  });
});

describe('outcomes', () => {
  const ran = { startedAt: at, endedAt: new Date(at.getTime() + 12_000) };

  test('name exit status and duration', () => {
    expect(outcomeMessage(viewWith({ state: 'finished', exitCode: 3, ...ran })).text).toBe(
      'bash: Finished with exit status 3 after 12s',
    );
    expect(directMessage('finished', viewWith({ state: 'finished', exitCode: 0, ...ran })).text).toBe(
      'Finished with exit status 0 after 12s: your command on bash',
    );
  });

  test('name the signal, and what the agent said', () => {
    const view = viewWith({ state: 'failed', exitSignal: 'SIGKILL', message: 'over its output limit', ...ran });
    expect(shownText(outcomeMessage(view))).toContain('over its output limit');
    expect(outcomeMessage(view).text).toContain('signal SIGKILL');
  });

  test('a rejection carries its reason to who asked', () => {
    const decisions = [
      {
        id: '2',
        countsFor: [],
        by: bob,
        verdict: 'reject' as const,
        group: null,
        force: false,
        reason: live,
        at,
        outdated: false,
      },
    ];
    const message = directMessage('rejected', viewWith({ state: 'rejected', decisions }));
    expect(shownText(message.blocks)).toContain(live);
    expect(message.text).toBe('Rejected: your command on bash');
  });

  test('a name that could be markup stays out of the notification', () => {
    expect(reviewMessage(viewWith({ connection: '<!here>' })).text).toContain('a connection');
  });
});

describe('values of buttons', () => {
  test('come back as they were, and anything else is nothing', () => {
    const value = { sessionId, envelopeVersion: 7 };
    expect(decodeDecideValue(encodeDecideValue(value))).toEqual(value);
    for (const other of [
      undefined,
      '',
      sessionId,
      `${sessionId}:0`,
      `${sessionId}:1;drop`,
      'x:1',
      `${sessionId}:1e9`,
    ]) {
      expect(decodeDecideValue(other)).toBeNull();
    }
  });
});

describe('what a modal remembers', () => {
  const place = { sessionId, envelopeVersion: 7, page: 12, choosing: true, digest: 'a'.repeat(64) };

  test('comes back as it was, and anything else is nothing', () => {
    expect(decodePlace(encodePlace(place))).toEqual(place);
    expect(decodePlace(encodePlace({ ...place, page: 0, choosing: false }))).toMatchObject({
      page: 0,
      choosing: false,
    });
    for (const other of [
      undefined,
      '',
      encodePlace({ ...place, digest: '' }),
      `${encodePlace(place)}:`,
      `x${encodePlace(place)}`,
    ]) {
      expect(decodePlace(other)).toBeNull();
    }
  });

  test('a choice comes back as it was, whatever the group is called', () => {
    for (const choice of [{ kind: 'all' }, { kind: 'force' }, { kind: 'group', group: 'a:b:force' }] as const) {
      expect(decodeChoice(encodeChoice(choice))).toEqual(choice);
    }
    expect(decodeChoice('everybody')).toBeNull();
  });
});
