import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { helpMessage } from '#slack/blocks/help-message.ts';
import { pendingMessage } from '#slack/blocks/pending-message.ts';
import {
  statusMessage,
  subscribeMessage,
  unknownMessage,
  unsubscribedMessage,
} from '#slack/blocks/subscribe-message.ts';
import { at, problemsOf, text } from './views.ts';

const url =
  'https://hoop.example.com/slack/subscribe#AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

describe('whatever people write', () => {
  test('the list of what waits holds no markup and stays in the limits', () => {
    const item = fc.record({
      connection: text(200),
      requester: fc.record({ slackId: fc.constant(null), name: text(300), email: text(300) }),
      what: fc.record({
        durationSeconds: fc.constantFrom(null, 1800),
        command: fc.array(text(40), { minLength: 1, maxLength: 3 }),
        args: fc.array(text(100), { maxLength: 3 }),
        script: fc.option(text(300)),
        scriptBytes: fc.nat(300),
      }),
      expiresAt: fc.constant(at),
      url: fc.constant('https://hoop.example.com/sessions/3f0e3ab8-61b5-4e0f-9d56-0a3a3c6b5d10'),
      permalink: fc.constantFrom(null, 'https://example.slack.com/archives/C0123456789/p1700000000000100'),
    });
    const reviewsUrl = 'https://hoop.example.com/reviews';
    fc.assert(
      fc.property(fc.array(item, { maxLength: 15 }), fc.nat(5000), (items, more) => {
        expect(problemsOf(pendingMessage({ items, more: items.length === 0 ? 0 : more, reviewsUrl }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('answers that name people and groups hold no markup and stay in the limits', () => {
    fc.assert(
      fc.property(text(300), fc.array(text(150), { maxLength: 120 }), (name, groups) => {
        const email = `x${name}`;
        expect(problemsOf(statusMessage({ email, groups, since: at }))).toEqual([]);
        expect(problemsOf(unsubscribedMessage(email))).toEqual([]);
        expect(problemsOf(subscribeMessage({ url, expiresAt: at, boundTo: email }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('answers without a name of anybody are valid too', () => {
    const answers = [
      helpMessage(),
      unsubscribedMessage(undefined),
      unknownMessage('U0123456789'),
      subscribeMessage({ url, expiresAt: at, boundTo: undefined }),
      statusMessage({ email: 'ann@example.com', groups: [], since: undefined }),
    ];
    for (const answer of answers) expect(problemsOf(answer)).toEqual([]);
  });
});
