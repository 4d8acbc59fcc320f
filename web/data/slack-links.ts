/** The link that `/hoop subscribe` gives, and its confirmation. */
import { queryOptions } from '@tanstack/react-query';
import { paths } from '#shared/api-schemas.ts';
import { slackLinkView } from '#shared/slack-link-schemas.ts';
import { askFor } from './ask.ts';

export const slackLinkQuery = (token: string) =>
  queryOptions({
    queryKey: ['slack-link', token],
    queryFn: ({ signal }) => askFor(slackLinkView, paths.slackLinkOpen, { method: 'POST', body: { token }, signal }),
  });

export const confirmSlackLink = (token: string) =>
  askFor(slackLinkView, paths.slackLinkConfirm, { method: 'POST', body: { token } });
