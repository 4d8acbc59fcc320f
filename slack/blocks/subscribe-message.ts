/** Private answers to `/hoop subscribe`, `status` and `unsubscribe`. */
import { bold, code, cleanLine, escapeMrkdwn, line, link, richText, short, when, words, type Message } from './text.ts';

const paragraph = (...parts: Parameters<typeof line>): ReturnType<typeof line> => line(...parts, words('\n'));

export function subscribeMessage(given: { url: string; expiresAt: Date; boundTo: string | undefined }): Message {
  const { boundTo } = given;
  const already =
    boundTo === undefined
      ? []
      : [
          paragraph(
            words('You are '),
            bold(short(boundTo, 254)),
            words(' in hoop already. You need this only to be somebody else there:'),
          ),
        ];
  return {
    text: 'Your link to hoop is here; it works once, within 10 minutes.',
    blocks: [
      richText(
        ...already,
        paragraph(
          link(given.url, 'Open this link'),
          words(
            ', sign in to hoop, and confirm. What you decide in Slack counts from then on, and hoop tells you here about ' +
              'your requests and those that wait for you.',
          ),
        ),
        line(
          words('It is for you alone and works once, until '),
          when(given.expiresAt),
          words('; a newer one takes its place.'),
        ),
      ),
    ],
  };
}

const shownGroups = 20;

export function statusMessage(user: { email: string; groups: string[]; since: Date | undefined }): Message {
  const { email, groups, since } = user;
  const named = groups.slice(0, shownGroups).map((group) => short(group, 60));
  const more = groups.length > named.length ? ` and ${groups.length - named.length} more` : '';
  return {
    text: `You are ${escapeMrkdwn(cleanLine(email))} in hoop.`,
    blocks: [
      richText(
        paragraph(
          words('In hoop you are '),
          bold(short(email, 254)),
          words(named.length === 0 ? ', in no group' : `, in ${named.join(', ')}${more}`),
          ...(since ? [words(', since '), when(since)] : []),
          words('.'),
        ),
        line(
          words('What you decide in Slack counts as yours, and hoop sends you direct messages here. '),
          code('/hoop unsubscribe'),
          words(' ends both.'),
        ),
      ),
    ],
  };
}

export function unsubscribedMessage(email: string | undefined): Message {
  const was =
    email === undefined
      ? [words('This Slack account counts for nobody in hoop.')]
      : [
          words('You are not '),
          bold(short(email, 254)),
          words(' in hoop any more: clicks here do not count, and hoop '),
        ];
  return {
    text: email === undefined ? 'Nothing to end.' : 'Your Slack account does not count in hoop any more.',
    blocks: [
      richText(
        line(
          ...was,
          words(email === undefined ? ' ' : 'sends you nothing. '),
          code('/hoop subscribe'),
          words(email === undefined ? ' changes that.' : ' brings you back.'),
        ),
      ),
    ],
  };
}

/** For somebody Slack knows and hoop does not. */
export function unknownMessage(slackId: string): Message {
  return {
    text: 'hoop does not know who you are yet. Type /hoop subscribe.',
    blocks: [
      richText(
        paragraph(
          words('hoop does not know who you are in Slack yet. Type '),
          code('/hoop subscribe'),
          words(', open the link, and sign in.'),
        ),
        line(
          words('An admin of hoop can do it for you: '),
          code(`hoop admin create user <email> --overwrite --slackid ${short(slackId, 40)}`),
        ),
      ),
    ],
  };
}
