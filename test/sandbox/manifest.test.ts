import { expect, test } from 'vitest';
import { install, manifest, startSandbox } from './support.ts';

test('the manifest of hoop asks for exactly what hoop uses', () => {
  expect(manifest()).toEqual({
    display_information: {
      name: 'hoop',
      description: 'An app to interact with a hoop gateway instance',
      background_color: '#7a7879',
    },
    features: {
      bot_user: { display_name: 'Hoop Bot', always_online: true },
      slash_commands: [
        {
          command: '/hoop',
          description: 'Subscribe to notifications sent by Hoop',
          usage_hint: 'subscribe',
          should_escape: false,
        },
      ],
    },
    oauth_config: {
      scopes: {
        bot: [
          'app_mentions:read',
          'channels:read',
          'chat:write',
          'commands',
          'im:write',
          'channels:manage',
          'groups:write',
          'mpim:write',
          'chat:write.public',
        ],
      },
    },
    settings: {
      event_subscriptions: { bot_events: ['app_mention'] },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  });
});

test('an app that is installed again keeps its tokens and takes the new manifest', async () => {
  const { control } = await startSandbox();
  const first = await install(control);
  expect(first.botToken).toMatch(/^xoxb-sandbox-/);
  expect(first.appToken).toMatch(/^xapp-sandbox-/);
  const commands = [{ command: '/other', description: 'x' }];
  expect(await install(control, { commands })).toEqual(first);
  const gone = await control.post('command', { as: 'bob', channel: 'ops', command: '/hoop' });
  expect(gone).toMatchObject({ status: 404, error: { code: 'unknown_command' } });
  expect((await install(control, { name: 'second' })).botToken).not.toBe(first.botToken);
});

test('a manifest that Slack would not take is refused with the place that is wrong', async () => {
  const { control } = await startSandbox();
  const commands = [{ command: 'hoop', description: 'x', shout: true }];
  const reply = await control.post('apps', manifest({ name: 'x'.repeat(36), commands }));
  expect(reply).toMatchObject({ status: 422, error: { code: 'invalid_input' } });
  expect(JSON.stringify(reply)).toMatch(/display_information\.name.*slash_commands\.0\.command.*must begin with/);
});

const settings = { socket_mode_enabled: true };
test.each([
  ['a key that is none', { display_information: { name: 'x' }, colour: 'red' }, /colour/],
  ['a feature that is none', { features: { bot_user: { display_name: 'x' }, magic: true } }, /magic/],
  ['a setting that is none', { settings: { ...settings, loud: true } }, /loud/],
  ['no name', { display_information: { description: 'x' } }, /display_information\.name/],
  ['a long description', { display_information: { name: 'x', description: 'x'.repeat(141) } }, /description/],
  ['a colour that is none', { display_information: { name: 'x', background_color: 'grey' } }, /background_color/],
  ['a short long description', { display_information: { name: 'x', long_description: 'x' } }, /long_description/],
  ['too many commands', { features: commands(51) }, /slash_commands/],
  [
    'a command twice',
    { features: { slash_commands: [...commands(1).slash_commands, ...commands(1).slash_commands] } },
    /once/,
  ],
  ['commands without their scope', { features: { bot_user: { display_name: 'x' }, ...commands(1) } }, /commands/],
  [
    'an event without its scope',
    { settings: { ...settings, event_subscriptions: { bot_events: ['app_mention'] } } },
    /app_mentions:read/,
  ],
  ['a bot without a bot user', { oauth_config: { scopes: { bot: ['chat:write'] } } }, /bot_user/],
  ['interactivity that leads nowhere', { settings: { interactivity: { is_enabled: true } } }, /request_url/],
  ['eleven shortcuts', { features: { shortcuts: Array(11).fill({}) } }, /shortcuts/],
])('a manifest with %s is refused', async (_what, change, problem) => {
  const { control } = await startSandbox();
  const reply = await control.post('apps', { display_information: { name: 'x' }, settings, ...change });
  expect(reply).toMatchObject({
    status: 422,
    error: { code: 'invalid_input', message: expect.stringMatching(problem) },
  });
});

function commands(count: number) {
  return {
    slash_commands: Array.from({ length: count }, (_none, index) => ({ command: `/c${index}`, description: 'x' })),
  };
}
