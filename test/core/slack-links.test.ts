import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { confirmSlackLink } from '#core/confirm-slack-link.ts';
import type { Context, Core } from '#core/context.ts';
import { createSlackLink } from '#core/create-slack-link.ts';
import { removeUser } from '#core/delete-user.ts';
import { openSlackLink } from '#core/open-slack-link.ts';
import { saveUser } from '#core/save-user.ts';
import { createSealer } from '#core/sealer.ts';
import { findSlackPerson } from '#core/slack-person.ts';
import { unsubscribeSlack } from '#core/unsubscribe-slack.ts';
import { savePlugin, type SlackInfo } from '#db/plugins.ts';
import { findSlackIdentity, findUserByEmail, rememberDmChannel, updateUser, type UserRow } from '#db/users.ts';
import { createTestCore, type TestCore } from '../support/core.ts';
import { makeUser } from '../support/rows.ts';

const team = { id: 'T0HOME0001', name: 'Acme' };
const secretKey = randomBytes(32);

let made: TestCore;
let core: Core;
let ann: UserRow;
let bob: UserRow;
let count = 0;

const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'console' } });
const system = (): Context => ({ core, actor: { kind: 'system', name: 'test' } });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code,
  );
const install = (info: Partial<SlackInfo> = { team }) =>
  savePlugin(core.db, {
    name: 'slack',
    configSealed: Buffer.from(''),
    configNames: [],
    apiUrl: 'http://127.0.0.1:9/api/',
    info: { scopes: [], ...info },
  });
/** A Slack account that nobody in this file has used yet. */
const account = (): { userId: string; teamId: string } => ({ userId: `U0PERSON${(count += 1)}`, teamId: team.id });
const linkOf = async (identity = account()): Promise<string> => {
  const { url } = await createSlackLink(core, identity, 'dave');
  return new URL(url).hash.slice(1);
};
const slackIdOf = async (user: UserRow) => (await findSlackIdentity(core.db, user.id))?.slackId;

beforeAll(async () => {
  made = await createTestCore({ sealer: createSealer([secretKey]) });
  core = made.core;
  await install();
});
beforeEach(async () => {
  count += 1;
  ann = await makeUser(core.db, `ann${count}@example.com`, ['sre']);
  bob = await makeUser(core.db, `bob${count}@example.com`, ['sre']);
});
afterAll(() => made.close());

describe('opening a link', () => {
  test('says who would be bound to whom, and consumes nothing', async () => {
    const identity = account();
    const token = await linkOf(identity);
    for (const user of [ann, ann, bob]) {
      expect(await openSlackLink(as(user), token)).toMatchObject({
        state: 'open',
        slack: { id: identity.userId, name: 'dave', team: 'Acme' },
        email: user.email,
        replaces: null,
        takenBy: null,
      });
    }
    expect(await codeOf(confirmSlackLink(as(ann), token))).toBe('done');
  });

  test('says which account it would take the place of', async () => {
    const [first, second] = [account(), account()];
    await confirmSlackLink(as(ann), await linkOf(first));
    expect(await openSlackLink(as(ann), await linkOf(second))).toMatchObject({ replaces: first.userId });
  });

  test('of one’s own account says so, also after it was confirmed', async () => {
    const identity = account();
    const token = await linkOf(identity);
    await confirmSlackLink(as(ann), token);
    expect(await openSlackLink(as(ann), token)).toMatchObject({ state: 'bound', replaces: null });
    expect(await openSlackLink(as(ann), await linkOf(identity))).toMatchObject({ state: 'bound' });
    expect(await codeOf(openSlackLink(as(bob), token))).toBe('slack_link_used');
  });

  test('of somebody else’s account gives away no more of them than they would recognise', async () => {
    const identity = account();
    await confirmSlackLink(as(ann), await linkOf(identity));
    const view = await openSlackLink(as(bob), await linkOf(identity));
    expect(view).toMatchObject({ state: 'taken', takenBy: 'a…@example.com' });
    expect(JSON.stringify(view)).not.toContain(ann.email);
  });
});

describe('a link that cannot be used', () => {
  test('was never given out: cut, changed, of another installation, or of another id', async () => {
    const token = await linkOf();
    const [id = '', mac = ''] = token.split('.');
    const other = await linkOf();
    const foreign = createSealer([randomBytes(32)])
      .sign('slack link', 'x')
      .toString('base64url');
    const forged = [
      '',
      'x',
      id,
      token.slice(0, -1),
      `${id}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`,
      `${id}.${other.split('.')[1]}`,
      `${id}.${foreign}`,
      `${randomBytes(16).toString('base64url')}.${mac}`,
    ];
    for (const one of forged) {
      const codes = [await codeOf(openSlackLink(as(ann), one)), await codeOf(confirmSlackLink(as(ann), one))];
      expect([one, ...codes]).toEqual([one, 'slack_link_unknown', 'slack_link_unknown']);
    }
    expect(await codeOf(openSlackLink(as(ann), token))).toBe('done');
  });

  test.each([
    ['another person', "slack_id = 'U0OTHER999'"],
    ['another workspace', "team_id = 'T0OTHER999'"],
    ['a later time', "expires_at = expires_at + interval '1 day'"],
  ])('was changed in the database to %s', async (_what, change) => {
    const identity = account();
    const token = await linkOf(identity);
    await core.db.query(`update slack_links set ${change} where slack_id = $1`, [identity.userId]);
    expect(await codeOf(confirmSlackLink(as(ann), token))).toBe('slack_link_unknown');
  });

  test('is ten minutes old', async () => {
    const token = await linkOf();
    const later = (minutes: number): Context => ({
      ...as(ann),
      core: { ...core, now: () => new Date(Date.now() + minutes * 60_000) },
    });
    expect(await codeOf(openSlackLink(later(9), token))).toBe('done');
    expect(await codeOf(openSlackLink(later(11), token))).toBe('slack_link_expired');
    expect(await codeOf(confirmSlackLink(later(11), token))).toBe('slack_link_expired');
  });

  test('was followed by a newer one', async () => {
    const identity = account();
    const [first, second] = [await linkOf(identity), await linkOf(identity)];
    expect(await codeOf(confirmSlackLink(as(ann), first))).toBe('slack_link_expired');
    expect(await codeOf(confirmSlackLink(as(ann), second))).toBe('done');
  });

  test('was confirmed before', async () => {
    const token = await linkOf();
    await confirmSlackLink(as(ann), token);
    expect(await codeOf(confirmSlackLink(as(ann), token))).toBe('slack_link_used');
    expect(await codeOf(confirmSlackLink(as(bob), token))).toBe('slack_link_used');
  });

  test('is of a workspace that hoop is not installed in any more', async () => {
    const token = await linkOf();
    await install({ team: { id: 'T0NEW00001', name: 'New' } });
    expect(await codeOf(openSlackLink(as(ann), token))).toBe('slack_link_unknown');
    await install({ team: undefined });
    expect(await codeOf(confirmSlackLink(as(ann), token))).toBe('slack_link_unknown');
    await install();
    expect(await codeOf(confirmSlackLink(as(ann), token))).toBe('done');
  });

  test('survives a new sealing key in front of the old one', async () => {
    const token = await linkOf();
    const rotated = { ...core, sealer: createSealer([randomBytes(32), secretKey]) };
    expect(await codeOf(openSlackLink({ ...as(ann), core: rotated }, token))).toBe('done');
    const gone = { ...core, sealer: createSealer([randomBytes(32)]) };
    expect(await codeOf(openSlackLink({ ...as(ann), core: gone }, token))).toBe('slack_link_unknown');
  });
});

describe('confirming', () => {
  test('takes the place of the account that counted before, and is written down', async () => {
    const [first, second] = [account(), account()];
    await confirmSlackLink(as(ann), await linkOf(first));
    await rememberDmChannel(core.db, ann.id, first.userId, 'D0OLD00001');
    const { previous } = await confirmSlackLink(as(ann), await linkOf(second));
    expect(previous).toBe(first.userId);
    expect(await findSlackIdentity(core.db, ann.id)).toMatchObject({
      slackId: second.userId,
      teamId: team.id,
      dmChannel: null,
    });
    // opened with the first account while the second one took its place
    await rememberDmChannel(core.db, ann.id, first.userId, 'D0OLD00001');
    expect(await findSlackIdentity(core.db, ann.id)).toMatchObject({ dmChannel: null });
    const { rows } = await core.db.query<{ actor: string; action: string; details: object }>(
      'select actor, action, details from audit_log order by id desc limit 1',
    );
    expect(rows[0]).toMatchObject({
      actor: `user:${ann.email}`,
      action: 'user.bind_slack',
      details: { slackId: second.userId, teamId: team.id, previous: first.userId, via: 'console' },
    });
  });

  test('an account of somebody else is refused, and the link still works once it is free', async () => {
    const identity = account();
    await confirmSlackLink(as(ann), await linkOf(identity));
    const token = await linkOf(identity);
    const refused = confirmSlackLink(as(bob), token);
    await expect(refused).rejects.toMatchObject({ code: 'slack_id_taken' });
    await expect(refused).rejects.toThrow('a…@example.com');
    await expect(refused).rejects.not.toThrow(ann.email);
    await unsubscribeSlack(core, identity);
    expect(await codeOf(confirmSlackLink(as(bob), token))).toBe('done');
    expect([await slackIdOf(ann), await slackIdOf(bob)]).toEqual([undefined, identity.userId]);
  });

  test('by two people at once binds one of them, and the other is told that the link was used', async () => {
    for (let round = 0; round < 8; round += 1) {
      const identity = account();
      const token = await linkOf(identity);
      const both = [ann, bob];
      const codes = await Promise.all(both.map((user) => codeOf(confirmSlackLink(as(user), token))));
      expect(codes.toSorted()).toEqual(['done', 'slack_link_used']);
      const winner = both[codes.indexOf('done')] ?? ann;
      expect(await slackIdOf(winner)).toBe(identity.userId);
    }
  });

  test('while an admin gives the same Slack id to somebody binds one of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const identity = account();
      const token = await linkOf(identity);
      const codes = await Promise.all([
        codeOf(confirmSlackLink(as(ann), token)),
        codeOf(saveUser(system(), { email: bob.email, slackId: identity.userId, overwrite: true })),
      ]);
      expect(codes.toSorted()).toEqual(['done', 'slack_id_taken']);
      const owners = [await slackIdOf(ann), await slackIdOf(bob)].filter((id) => id === identity.userId);
      expect(owners).toHaveLength(1);
    }
  });

  test('is refused to somebody who was deactivated meanwhile', async () => {
    const token = await linkOf();
    const ctx = as(ann);
    await updateUser(core.db, ann.id, { active: false });
    expect(await codeOf(openSlackLink(ctx, token))).toBe('not_signed_in');
    expect(await codeOf(confirmSlackLink(ctx, token))).toBe('not_signed_in');
    expect(await codeOf(confirmSlackLink(as(bob), token))).toBe('done');
  });
});

describe('who somebody in Slack is', () => {
  const find = (userId: string, teamId = team.id) => findSlackPerson(core, { userId, teamId }, team.id);

  test('depends on the workspace: the same id in another one is a stranger', async () => {
    const identity = account();
    await confirmSlackLink(as(ann), await linkOf(identity));
    expect(await find(identity.userId)).toMatchObject({ kind: 'known', user: { email: ann.email } });
    expect(await find(identity.userId, 'T0PARTNER1')).toEqual({ kind: 'stranger' });
    expect(await find('U0NOBODY99')).toEqual({ kind: 'unknown' });
  });

  test('is not pinned to the workspace of a stranger', async () => {
    const { userId } = account();
    await saveUser(system(), { email: ann.email, slackId: userId, overwrite: true });
    await find(userId, 'T0PARTNER1');
    expect(await findSlackIdentity(core.db, ann.id)).toMatchObject({ teamId: null });
    await find(userId);
    expect(await findSlackIdentity(core.db, ann.id)).toMatchObject({ teamId: team.id });
  });

  test('says so of somebody who was deactivated', async () => {
    const identity = account();
    await confirmSlackLink(as(ann), await linkOf(identity));
    await updateUser(core.db, ann.id, { active: false });
    expect(await find(identity.userId)).toMatchObject({ kind: 'inactive' });
  });
});

describe('an admin who gives a Slack id by hand', () => {
  const give = (user: UserRow, slackId: string | null) =>
    saveUser(system(), { email: user.email, slackId, overwrite: true });

  test('is told whose it is', async () => {
    const { userId } = account();
    await give(ann, userId);
    await expect(give(bob, userId)).rejects.toThrow(`${userId} belongs to ${ann.email}`);
  });

  test('leaves the workspace open until the person acts there, and opens it again by giving it anew', async () => {
    const identity = account();
    await confirmSlackLink(as(ann), await linkOf(identity));
    expect(await findSlackIdentity(core.db, ann.id)).toMatchObject({ teamId: team.id });
    await give(ann, identity.userId);
    expect(await findSlackIdentity(core.db, ann.id)).toMatchObject({ slackId: identity.userId, teamId: null });
  });

  test('takes it away with an empty one, and it is free for others', async () => {
    const { userId } = account();
    await give(ann, userId);
    await give(ann, null);
    expect(await slackIdOf(ann)).toBeUndefined();
    await give(bob, userId);
    expect(await slackIdOf(bob)).toBe(userId);
  });

  test('who deletes the user sets it free', async () => {
    const identity = account();
    await confirmSlackLink(as(ann), await linkOf(identity));
    await removeUser(system(), ann.email);
    expect(await findUserByEmail(core.db, ann.email)).toBeUndefined();
    expect(await codeOf(confirmSlackLink(as(bob), await linkOf(identity)))).toBe('done');
  });
});
