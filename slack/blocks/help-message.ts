/** What `/hoop help`, anything else after `/hoop`, and a mention of the bot are answered with. */
import { bullets, code, line, richText, words, type Message } from './text.ts';

const commands = [
  ['subscribe', 'gives you a link that makes this Slack account yours in hoop'],
  ['status', 'says who you are in hoop, and since when'],
  ['pending', 'lists the requests that wait for you'],
  ['unsubscribe', 'ends the subscription: clicks do not count any more, and hoop sends you nothing'],
  ['help', 'says this'],
] as const;

export function helpMessage(): Message {
  return {
    text: 'hoop asks for reviews in Slack: Approve and Reject are below each request.',
    blocks: [
      richText(
        line(
          words(
            'hoop runs commands on machines nobody holds keys to, once the right people said yes. Requests are posted in ' +
              'the channels of their connections; reviewers decide with the buttons below each of them.',
          ),
        ),
        bullets(commands.map(([name, does]) => line(code(`/hoop ${name}`), words(` ${does}`)))),
      ),
    ],
  };
}
