/** The request that a draft makes. */
import { describe, expect, test } from 'vitest';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { requestOf } from '../../web/util/draft-request.ts';
import { emptyDraft, type Draft } from '../../web/util/run-draft.ts';

const connection: ConnectionView = {
  ...{ id: 'c', name: 'bash', version: 1, agent: 'default', agentOnline: true, command: ['bash'], reviewers: [] },
  ...{ minApprovals: 0, distinctReviewers: false, forceApproveGroups: [], requireReason: false, window: null },
  ...{ plugins: [], envNames: [], allowEnv: ['PAGER'], tags: {}, accessModes: ['exec', 'connect'], expire: '1d' },
  ...{ maxRuntime: '0s', maxDuration: '2h', maxOutput: 1, runAs: null, maxInput: 10, maxRuns: 0, idle: '0s' },
  ...{ keep: '0s', createdAt: '', updatedAt: '', warnings: [] },
} as unknown as ConnectionView;

const made = (fields: Partial<Draft>, on: Partial<ConnectionView> = {}) =>
  requestOf({ ...emptyDraft('bash'), id: 'the-id', ...fields }, { ...connection, ...on });

describe('a draft', () => {
  test('sends what was written and nothing else', () => {
    expect(made({ script: 'ls', args: ['-s', ''], env: [{ name: '', value: '' }], duration: '5m' })).toEqual({
      request: {
        ...{ id: 'the-id', connection: 'bash', kind: 'exec', script: 'ls', scriptEncoding: 'utf8', args: ['-s', ''] },
      },
    });
    expect(made({ kind: 'connect', script: 'ls', args: ['-s'], timeout: '5m', duration: '1h30m' })).toEqual({
      request: { id: 'the-id', connection: 'bash', kind: 'connect', duration: 5400 },
    });
  });

  test('sends a file that is no text as it is', () => {
    const file = { name: 'f', base64: '/wA=', bytes: 2 };
    expect(made({ script: 'unused', file })).toMatchObject({ request: { script: '/wA=', scriptEncoding: 'base64' } });
  });

  test.each<[string, Partial<Draft>, Partial<ConnectionView>, string, RegExp]>([
    ['a script in bytes, not letters', { script: 'äöüäöü' }, {}, 'script', /12 bytes; bash takes 10 bytes/],
    ['a missing reason', { reason: ' ' }, { requireReason: true }, 'reason', /asks for a reason/],
    ['a name that changes how programs load', { env: [{ name: 'LD_PRELOAD', value: '' }] }, {}, 'env', /LD_PRELOAD/],
    ['a value without a name', { env: [{ name: '', value: 'x' }] }, {}, 'env', /no name/],
    [
      'a name that is there twice',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      {},
      'env',
      /twice/,
    ],
    ['a time limit that is none', { timeout: 'soon' }, {}, 'timeout', /from 1s to 7d/],
    ['a grant that is too long', { kind: 'connect', duration: '3h' }, {}, 'duration', /from 1m to 2h/],
  ])('says what to change: %s', (_, fields, on, field, text) => {
    expect(made(fields, on)).toEqual({ problems: { [field]: expect.stringMatching(text) as string } });
  });

  test('may name what the connection allows', () => {
    expect(made({ env: [{ name: 'PAGER', value: 'cat' }] })).toMatchObject({ request: { env: { PAGER: 'cat' } } });
  });

  test('needs a connection', () => {
    expect(requestOf(emptyDraft(null), undefined)).toMatchObject({ problems: { connection: expect.any(String) } });
  });
});
