import { expect, test } from 'vitest';
import { clientOf, install, startSandbox } from './support.ts';

test('a channel made by the control API takes posts, and its name is taken', async () => {
  const sandbox = await startSandbox();
  const { botToken } = await install(sandbox.control);
  const { channel } = await sandbox.control.post('channels', { name: 'bench-1' });
  expect(channel).toMatchObject({ name: 'bench-1', isPrivate: false, isArchived: false });
  expect(channel.members).toHaveLength(4);
  const posted = await clientOf(sandbox, botToken).chat.postMessage({ channel: '#bench-1', text: 'x' });
  expect(posted.channel).toBe(channel.id);
  await expect(sandbox.control.post('channels', { name: 'bench-1' })).resolves.toMatchObject({
    status: 409,
    error: { code: 'name_taken' },
  });
});

test('a private one is seen by its members only', async () => {
  const { control } = await startSandbox();
  await control.post('channels', { name: 'quiet', members: ['bob'], isPrivate: true });
  await expect(control.get('messages?channel=quiet&as=bob')).resolves.toMatchObject({ status: 200, messages: [] });
  await expect(control.get('messages?channel=quiet&as=alice')).resolves.toMatchObject({ status: 403 });
});
