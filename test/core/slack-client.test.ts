import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { slackClientOptions } from '#core/slack-client.ts';

test('a private answer that Slack never takes is given up, as Bolt sets no limit for it', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/response`;
  const { fetch: answer } = slackClientOptions('https://slack.test/api/', pino({ level: 'silent' }));
  await expect(answer?.(url, { method: 'POST', body: '{}' })).rejects.toThrow('timeout');
});
