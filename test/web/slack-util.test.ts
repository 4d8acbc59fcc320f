import { expect, test } from 'vitest';
import { channelsOf, channelText } from '../../web/util/channel-text.ts';
import { tokenProblems } from '../../web/util/token-problems.ts';

test.each([
  ['#ops, C0123ABCD', ['#ops', 'C0123ABCD']],
  ['ops,#ops ,  ops', ['#ops']],
  ['ops;sre', ['#ops', '#sre']],
  ['https://acme.slack.com/archives/C0123ABCD', ['https://acme.slack.com/archives/C0123ABCD']],
  ['日本, équipe-1', ['#日本', '#équipe-1']],
  [' , ;', []],
])('channels in the line %j', (text, channels) => {
  expect(channelsOf(text)).toEqual(channels);
  expect(channelsOf(channelText(channels))).toEqual(channels);
});

test('each line of a refusal goes to the token it names, and what names both or none stands apart', () => {
  const lines = [
    'config: SLACK_BOT_TOKEN must start with xoxb-.',
    'SLACK_APP_TOKEN was refused: it was revoked (token_revoked).',
    'SLACK_APP_TOKEN belongs to the app A1 and SLACK_BOT_TOKEN to A2.',
    'One of the tokens belongs to the Slack sandbox.',
  ];
  expect(tokenProblems(lines.join('\n'))).toEqual({
    SLACK_BOT_TOKEN: 'SLACK_BOT_TOKEN must start with xoxb-.',
    SLACK_APP_TOKEN: 'SLACK_APP_TOKEN was refused: it was revoked (token_revoked).',
    other: `${lines[2]}\n${lines[3]}`,
  });
});
