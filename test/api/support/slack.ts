import { HoopError } from '#shared/errors.ts';
import type { SlackVerifier } from '#core/slack-verifier.ts';

/** Knows one workspace with #ops and #dev, and refuses tokens that say so. */
export const testSlack: SlackVerifier = {
  apiUrlFor: () => 'https://slack.example/api/',
  async verify({ botToken }) {
    if (botToken.includes('revoked'))
      throw new HoopError('slack_refused', 'Slack says token_revoked of SLACK_BOT_TOKEN.');
    return {
      team: { id: 'T1', name: 'Acme' },
      botUser: 'hoop',
      botUserId: 'UBOT',
      appId: 'A1',
      scopes: ['chat:write'],
    };
  },
  async listChannels() {
    return [
      { id: 'C0DEV', name: '#dev' },
      { id: 'C0OPS', name: '#ops' },
    ];
  },
  async postTest(_tokens, { channel }) {
    if (channel !== '#ops') throw new HoopError('slack_channel_refused', `Slack knows no channel ${channel}.`);
    return { channel: { id: 'C0OPS', name: '#ops' }, ts: '1.000001' };
  },
  async resolveChannels(_tokens, { channels: asked }) {
    const known: Record<string, string> = { '#ops': 'C0OPS', '#dev': 'C0DEV', C0OPS: 'C0OPS', C0DEV: 'C0DEV' };
    const ids = asked.map((channel) => {
      const id = known[channel];
      if (!id) throw new HoopError('slack_channel_refused', `Slack knows no channel ${channel}.`);
      return id;
    });
    return { channels: [...new Set(ids)].map((id) => ({ id, name: id === 'C0OPS' ? '#ops' : '#dev' })) };
  },
};
