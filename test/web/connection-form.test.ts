/** Only what was changed of a connection is sent, and two who edit one lose nothing. */
import { expect, test } from 'vitest';
import type { ConnectionView } from '#shared/api-schemas.ts';
import {
  changeOf,
  emptyForm,
  formOf,
  formProblems,
  rebased,
  refusalsOf,
  type ConnectionForm,
} from '../../web/util/connection-form.ts';

const view: ConnectionView = {
  ...{
    id: 'c1',
    name: 'bash',
    version: 1,
    revision: 1,
    agent: 'default',
    agentOnline: true,
    command: ['sh', '-c', 'a b'],
  },
  ...{ reviewers: ['sre'], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [], requireReason: false },
  ...{ window: null, plugins: [{ name: 'slack', channels: ['#ops'] }], envNames: ['KEY', 'OLD'], allowEnv: [] },
  ...{ tags: { team: 'x' }, accessModes: ['exec', 'connect'], expire: '1d', maxRuntime: '0s', maxDuration: '2d' },
  ...{ maxOutput: 1024 ** 3, runAs: null, maxInput: 1000, maxRuns: 0, idle: '0s', keep: '0s' },
  ...{ createdAt: '', updatedAt: '', warnings: [] },
};
const base = formOf(view);
const edit = (fields: Partial<ConnectionForm>) => changeOf(base, { ...base, ...fields }, false);

test('nothing is sent of what stayed', () => {
  expect(edit({})).toEqual({ name: 'bash' });
  expect(edit({ command: `sh  -c "a b"` })).toEqual({ name: 'bash', command: ['sh', '-c', 'a b'] });
  expect(edit({ maxInput: '64k', maxRuns: '2', window: ' ', keep: '90d' })).toEqual({
    ...{ name: 'bash', maxInput: 65_536, maxRuns: 2, window: '', keep: '90d' },
  });
  expect(edit({ slack: false, tags: [] })).toEqual({ name: 'bash', plugins: [], tags: {} });
});

test('variables are set, replaced and removed one by one', () => {
  const change = edit({ setEnv: [{ name: ' KEY ', value: ' new ' }], removeEnv: ['OLD'] });
  expect(change).toEqual({ name: 'bash', changeEnv: { KEY: ' new ', OLD: null } });
});

test('of a new connection what it cannot do without is sent, and the defaults are not', () => {
  const form = { ...emptyForm, name: ' bash ', agent: 'default' };
  expect(changeOf(emptyForm, form, true)).toEqual({ name: 'bash', agent: 'default', command: [] });
});

test('what cannot be sent is named by field', () => {
  const pairs = [
    { name: 'a', value: '1' },
    { name: 'a', value: '2' },
  ];
  expect(formProblems(base)).toEqual({});
  expect(
    Object.keys(
      formProblems({
        ...base,
        command: '"',
        maxOutput: 'much',
        minApprovals: '-1',
        tags: pairs,
        setEnv: [{ name: '', value: '' }],
      }),
    ),
  ).toEqual(['command', 'maxOutput', 'minApprovals', 'setEnv', 'tags']);
});

test('what somebody else changed is taken over, but for what was changed here', () => {
  const theirs = formOf({ ...view, maxRuns: 9, expire: '2d', tags: { team: 'y' } });
  const mine = { ...base, maxRuns: '3', requireReason: true };
  expect(rebased(base, mine, theirs)).toEqual({ ...theirs, maxRuns: '3', requireReason: true });
});

test('a refusal of several fields is told at each', () => {
  expect(
    refusalsOf('maxRuns: must be at most 10000; keep: must be whole days, as in 90d; tags.a: must be a string.'),
  ).toEqual([
    { field: 'maxRuns', message: 'maxRuns: must be at most 10000' },
    { field: 'keep', message: 'keep: must be whole days, as in 90d' },
    { field: 'tags', message: 'tags.a: must be a string' },
  ]);
});
