import { paths } from '#shared/api-paths.ts';
import { slackLinkInput, slackLinkView } from '#shared/slack-link-schemas.ts';
import { confirmSlackLink } from '#core/confirm-slack-link.ts';
import { openSlackLink } from '#core/open-slack-link.ts';
import { tellSlackPerson } from '#core/tell-slack-person.ts';
import { userRoute } from '../route.ts';

const tag = 'Slack';
const bodyBytes = 4 * 1024;

export const slackLinkRoutes = [
  // POST, though it changes nothing: the token is a secret, and addresses end up in logs.
  userRoute(
    {
      method: 'post',
      path: paths.slackLinkOpen,
      tag,
      summary: 'What a link of /hoop subscribe would bind; consumes nothing',
      body: slackLinkInput,
      bodyBytes,
      answer: slackLinkView,
    },
    async ({ ctx, body }) => ({ body: await openSlackLink(ctx, body.token) }),
  ),
  userRoute(
    {
      method: 'post',
      path: paths.slackLinkConfirm,
      tag,
      summary: 'Bind the Slack account behind a link to the person who is signed in',
      body: slackLinkInput,
      bodyBytes,
      answer: slackLinkView,
    },
    async ({ core, ctx, body }) => {
      const { view, previous } = await confirmSlackLink(ctx, body.token);
      const { email, slack } = view;
      void tellSlackPerson(
        core,
        slack.id,
        `You are now ${email} in hoop: what you decide in Slack counts, and hoop tells you here about your requests ` +
          'and those that wait for you. If that is not you, type /hoop unsubscribe.',
      );
      if (previous !== null && previous !== slack.id) {
        void tellSlackPerson(
          core,
          previous,
          `You are not ${email} in hoop any more: the Slack account ${slack.id} took the place of yours. ` +
            'If that was not you, tell an admin at once, and type /hoop subscribe to come back.',
        );
      }
      return { body: view };
    },
  ),
];
