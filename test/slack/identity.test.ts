import { describe, expect, test } from 'vitest';
import { bindSlackId, updateUser } from '#db/users.ts';
import { resolveSlackUser } from '#core/resolve-slack-user.ts';
import { createWorld, userOf } from './world.ts';

describe('who is behind a Slack identity', () => {
  const home = 'T0SANDBOX0';

  test('is the person an admin bound, in the workspace hoop is installed in and in no other', async () => {
    const { core } = await createWorld();
    const identity = { userId: 'U0BOB00002', teamId: home };
    expect(await resolveSlackUser(core, identity, home)).toMatchObject({ email: 'bob@example.com' });
    await expect(resolveSlackUser(core, { ...identity, teamId: 'T0PARTNER1' }, home)).rejects.toMatchObject({
      code: 'slack_user_unknown',
      message: expect.stringContaining('another Slack workspace'),
    });
  });

  test('is nobody in another workspace than the one the person was bound in', async () => {
    const world = await createWorld();
    await bindSlackId(world.db, (await userOf(world, 'bob')).id, 'U0BOB00002', 'T0OTHER001');
    const identity = { userId: 'U0BOB00002', teamId: home };
    await expect(resolveSlackUser(world.core, identity, home)).rejects.toMatchObject({ code: 'slack_user_unknown' });
  });

  test('is nobody who was deactivated', async () => {
    const world = await createWorld();
    await updateUser(world.db, (await userOf(world, 'bob')).id, { active: false });
    await expect(resolveSlackUser(world.core, { userId: 'U0BOB00002', teamId: home }, home)).rejects.toThrow(
      'not active',
    );
  });
});
