/** What `/hoop help`, anything else after `/hoop`, and a mention of the bot are answered with. */
import { bullets, code, line, richText, words, type Message } from './text.ts';

export function helpMessage(): Message {
  return {
    text: 'hoop asks for reviews in Slack: Approve and Reject are below each request.',
    blocks: [
      richText(
        line(
          words(
            'hoop runs commands on machines nobody holds keys to, once the right people said yes. Requests are posted in ' +
              'the channels of their connections; reviewers decide with Approve and Reject below each of them.',
          ),
        ),
        bullets([
          line(code('/hoop status'), words(' says which hoop user you are')),
          line(code('/hoop help'), words(' says this')),
        ]),
      ),
    ],
  };
}
