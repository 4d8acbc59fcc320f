/** What each word after `/hoop` does, and the message that says so. */
import { HoopError } from '#shared/errors.ts';
import { createSlackLink } from '#core/create-slack-link.ts';
import type { SlackIdentity } from '#core/resolve-slack-user.ts';
import { boundSince, findSlackPerson, type SlackUser } from '#core/slack-person.ts';
import { unsubscribeSlack } from '#core/unsubscribe-slack.ts';
import { waitingReviews } from '#core/waiting-reviews.ts';
import { helpMessage } from '../../blocks/help-message.ts';
import { pendingMessage } from '../../blocks/pending-message.ts';
import {
  statusMessage,
  subscribeMessage,
  unknownMessage,
  unsubscribedMessage,
} from '../../blocks/subscribe-message.ts';
import { privateAnswer, type Message } from '../../blocks/text.ts';
import type { ListenerDeps } from '../deps.ts';

export interface Asked {
  deps: ListenerDeps;
  identity: SlackIdentity;
  /** Where it was typed. */
  channel: string;
  /** As Slack calls the person. */
  name: string;
}

type Answer = (asked: Asked) => Promise<Message>;

const answers: Readonly<Record<string, Answer>> = {
  subscribe: withPerson(async ({ deps, identity, name }, user) => {
    const given = await createSlackLink(deps.core, identity, name);
    return subscribeMessage({ ...given, boundTo: user?.email });
  }),
  status: withPerson(async ({ deps, identity }, user) => {
    if (!user) return unknownMessage(identity.userId);
    return statusMessage({ ...user, since: await boundSince(deps.core, user) });
  }),
  pending: withPerson(async ({ deps, identity, channel }, user) =>
    user ? pendingMessage(await waitingReviews(deps.core, user, channel)) : unknownMessage(identity.userId),
  ),
  unsubscribe: async ({ deps, identity }) => unsubscribedMessage(await unsubscribeSlack(deps.core, identity)),
};

/** Anything that is none of the words gets the help, which needs no database. */
export function answerTo(text: string): Answer {
  const [word = ''] = text.trim().toLowerCase().split(/\s+/, 1);
  return (Object.hasOwn(answers, word) ? answers[word] : undefined) ?? (() => Promise.resolve(helpMessage()));
}

function withPerson(answer: (asked: Asked, user: SlackUser | undefined) => Promise<Message>): Answer {
  return async (asked) => {
    const { core, homeTeamId } = asked.deps;
    const found = await findSlackPerson(core, asked.identity, homeTeamId);
    if (found.kind === 'stranger') {
      return privateAnswer(
        'hoop is installed in another Slack workspace than yours, and knows only the people of that.',
      );
    }
    if (found.kind === 'inactive') {
      return privateAnswer(`Your hoop account ${found.user.email} is not active; ask an admin of hoop.`);
    }
    return answer(asked, found.kind === 'known' ? found.user : undefined);
  };
}

/** A refusal in its own words, anything else as trouble that is logged. */
export function answerOfFailure(error: unknown, { log }: ListenerDeps): Message {
  if (error instanceof HoopError) return privateAnswer(error.message);
  log.warn({ err: error }, 'command not answered');
  return privateAnswer('hoop has trouble with its database right now; please try again in a moment.');
}
