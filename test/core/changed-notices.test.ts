/** Who looks at a list is told when it changes: each verb says so with its commit. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConsoleTopic } from '#shared/console-events.ts';
import { removeAgent } from '#core/delete-agent.ts';
import { removeConnection } from '#core/delete-connection.ts';
import { removeUser } from '#core/delete-user.ts';
import type { Context, Core } from '#core/context.ts';
import { hashPassword, hashToken } from '#core/passwords.ts';
import { saveAgent } from '#core/save-agent.ts';
import { saveConnection } from '#core/save-connection.ts';
import { saveUser } from '#core/save-user.ts';
import { createSealer } from '#core/sealer.ts';
import { signIn } from '#core/sign-in.ts';
import { signOut } from '#core/sign-out.ts';
import { dropSlackReplica } from '#core/slack-state.ts';
import { listen, notify, type NoticeListener } from '#db/notices.ts';
import { findUserByEmail, updateUser } from '#db/users.ts';
import { topicsOf } from '#workers/parts/notice-topics.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { eventually } from '../support/eventually.ts';

let made: TestCore;
let core: Core;
let listener: NoticeListener;
let seen: string[] = [];
let told = 0;
const ctx = (): Context => ({ core, actor: { kind: 'system', name: 'test' } });

beforeAll(async () => {
  made = await createTestCore({ sealer: createSealer([randomBytes(32)]) });
  core = made.core;
  listener = await listen({
    url: made.databaseUrl,
    onNotice: (notice) => seen.push(...topicsOf(notice), ...(notice.kind === 'interrupt' ? [notice.id] : [])),
    onConnected: () => undefined,
    onError: () => undefined,
  });
});
afterAll(async () => {
  await listener.close();
  await made.close();
});

/** What was told until now; a notice of our own marks the place. */
async function topicsSoFar(): Promise<string[]> {
  const mark = `mark-${(told += 1)}`;
  await notify(core.db, { kind: 'interrupt', id: mark });
  await eventually(() => seen.includes(mark));
  const topics = [...new Set(seen.filter((what) => !what.startsWith('mark-')))].sort();
  seen = [];
  return topics;
}

const steps: [string, ConsoleTopic[], () => Promise<unknown>][] = [
  ['an agent is made', ['agents'], () => saveAgent(ctx(), { name: 'web' })],
  ['it gets a new token', ['agents'], () => saveAgent(ctx(), { name: 'web', overwrite: true })],
  ['it gets a limit', ['agents'], () => saveAgent(ctx(), { name: 'web', maxRuns: 2, overwrite: true })],
  [
    'a connection is made',
    ['agents', 'connections'],
    () => saveConnection(ctx(), { name: 'bash', agent: 'web', command: ['sh'] }),
  ],
  [
    'its tags change',
    ['agents', 'connections'],
    () => saveConnection(ctx(), { name: 'bash', tags: { env: 'prod' }, overwrite: true }),
  ],
  ['it is deleted', ['agents', 'connections'], () => removeConnection(ctx(), 'bash')],
  ['the agent is deleted', ['agents', 'connections'], () => removeAgent(ctx(), 'web')],
  [
    'a user is made, who may complete reviews of connections',
    ['connections', 'users'],
    () => saveUser(ctx(), { email: 'ann@example.com', groups: ['sre'] }),
  ],
  [
    'the user signs in',
    ['tokens'],
    async () => {
      const user = await findUserByEmail(core.db, 'ann@example.com');
      await updateUser(core.db, user?.id ?? '', { passwordHash: await hashPassword('correct horse') });
      await signIn(core, { email: 'ann@example.com', password: 'correct horse', kind: 'cli', address: '::1' });
    },
  ],
  [
    'and out',
    ['tokens'],
    async () => {
      const user = await findUserByEmail(core.db, 'ann@example.com');
      if (!user) throw new Error('ann is gone');
      await signOut({ core, actor: { kind: 'user', user, via: 'cli' } }, hashToken('any'));
    },
  ],
  [
    'the account is closed',
    ['connections', 'tokens', 'users'],
    () => saveUser(ctx(), { email: 'ann@example.com', active: false, overwrite: true }),
  ],
  ['and deleted', ['connections', 'tokens', 'users'], () => removeUser(ctx(), 'ann@example.com')],
  [
    'Slack goes from a gateway',
    ['connections', 'plugins'],
    () => dropSlackReplica(core, '0198c0de-0000-7000-8000-000000000001'),
  ],
];

test.each(steps)('%s: %j', async (_what, topics, change) => {
  await change();
  expect(await topicsSoFar()).toEqual(topics);
});

test('a change that is refused tells nobody', async () => {
  await expect(removeUser(ctx(), 'nobody@example.com')).rejects.toMatchObject({ code: 'not_found' });
  await saveAgent(ctx(), { name: 'api' });
  await topicsSoFar();
  await expect(saveAgent(ctx(), { name: 'api' })).rejects.toMatchObject({ code: 'name_taken' });
  expect(await topicsSoFar()).toEqual([]);
});
