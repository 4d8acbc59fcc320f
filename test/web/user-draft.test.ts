import { describe, expect, test } from 'vitest';
import type { UserView } from '#shared/api-schemas.ts';
import { changeOf, draftOf } from '../../web/util/user-draft.ts';

const aUser = (groups: string[]): UserView => ({
  id: 'user-gina',
  email: 'gina@example.com',
  name: 'Gina',
  groups,
  admin: groups.includes('admin'),
  active: true,
  hasPassword: true,
  slackId: null,
  createdAt: '2026-11-23T12:00:00.000Z',
});

/** What is sent of the groups that stand in the form, which was opened `before`, of a user who is `now`. */
const sent = (form: string[], before: string[], now: string[]) =>
  changeOf({ ...draftOf(aUser(before)), groups: form }, aUser(before), aUser(now)).groups;

describe('the groups that are sent', () => {
  test('are as in the form when nobody else changed them', () => {
    expect(sent(['dev', 'ops'], ['admin', 'dev'], ['admin', 'dev'])).toEqual(['dev', 'ops']);
  });

  test('do not bring back what another admin took away', () => {
    expect(sent(['admin', 'dev', 'ops'], ['admin', 'dev'], ['dev'])).toEqual(['dev', 'ops']);
  });

  test('keep what another admin gave', () => {
    expect(sent(['admin'], ['admin', 'dev'], ['admin', 'dev', 'sre'])).toEqual(['admin', 'sre']);
  });

  test('are left out when they were not changed here, or another admin made the same change', () => {
    expect(sent(['dev', 'admin'], ['admin', 'dev'], ['dev', 'sre'])).toBeUndefined();
    expect(sent(['dev', 'ops'], ['admin', 'dev'], ['ops', 'dev'])).toBeUndefined();
  });

  test('of a new user are those of the form', () => {
    const draft = { ...draftOf(null), email: 'gina@example.com', groups: ['dev'] };
    expect(changeOf(draft, null, null)).toEqual({ email: 'gina@example.com', groups: ['dev'] });
    expect(changeOf({ ...draft, groups: [] }, null, null)).toEqual({ email: 'gina@example.com' });
  });
});
