import { Alert, Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { SlackLinkView } from '#shared/slack-link-schemas.ts';
import { useMe } from '../components/frame.tsx';
import { SlackLinkFacts } from '../components/slack-link-facts.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Mono, VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { hasCode } from '../data/ask.ts';
import { meQuery } from '../data/sign-in.ts';
import { confirmSlackLink, slackLinkQuery } from '../data/slack-links.ts';
import { forgetLinkToken, useLinkToken } from '../util/link-token.ts';
import { pages } from '../util/paths.ts';

const isOver = (error: unknown): boolean =>
  hasCode(error, 'slack_link_unknown', 'slack_link_expired', 'slack_link_used');

/** Where a link of `/hoop subscribe` leads: shows whom it would bind to whom, and binds when told to. */
export function SubscribePage() {
  const token = useLinkToken();
  return (
    <Page title="Your Slack account">{token === null ? <WithoutLink /> : <WithLink key={token} token={token} />}</Page>
  );
}

function WithLink({ token }: { token: string }) {
  const client = useQueryClient();
  const confirm = useMutation({
    mutationFn: () => confirmSlackLink(token),
    onSuccess: () => {
      forgetLinkToken();
      void client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
    // Whatever was refused, the page should show how things are now.
    onError: () => void link.refetch(),
  });
  const link = useQuery({ ...slackLinkQuery(token), enabled: !confirm.isSuccess });
  const over = isOver(link.error);
  useEffect(() => {
    if (over) forgetLinkToken();
  }, [over]);

  if (confirm.data) return <Bound link={confirm.data} />;
  if (over) return <Problem error={link.error} title="This link cannot be used" />;
  if (link.data?.state === 'bound') return <Bound link={link.data} already />;
  if (link.data?.state === 'taken') return <Taken link={link.data} />;
  if (link.data) {
    return (
      <ToConfirm
        link={link.data}
        error={confirm.error}
        isPending={confirm.isPending}
        onConfirm={() => confirm.mutate()}
      />
    );
  }
  if (link.isError)
    return <Problem error={link.error} title="The link cannot be shown" onRetry={() => void link.refetch()} />;
  return <Loading what="the link" />;
}

interface ToConfirmProps {
  link: SlackLinkView;
  error: unknown;
  isPending: boolean;
  onConfirm: () => void;
}

function ToConfirm({ link, error, isPending, onConfirm }: ToConfirmProps) {
  const { email, replaces, expiresAt } = link;
  return (
    <Stack>
      <Text>
        Once you confirm, whoever uses this Slack account decides in your name: its clicks on Approve and Reject count
        as those of <VisibleText>{email}</VisibleText>, and hoop sends it direct messages about your requests and those
        that wait for you.
      </Text>
      <SlackLinkFacts link={link} />
      <Alert color="orange" title="Did you ask for this link yourself?">
        Confirm only if you typed <Typed>/hoop subscribe</Typed> a moment ago, as the account above. If somebody sent
        you this link, do not: they could approve requests as you.
      </Alert>
      {replaces !== null && (
        <Alert color="blue" title="It takes the place of another account">
          The Slack account <Mono>{replaces}</Mono> counts as you now, and will not any more.
        </Alert>
      )}
      {error !== null && error !== undefined && (
        <Problem
          error={error}
          title={hasCode(error, 'unreachable') ? 'It is not known whether this was confirmed' : 'Not confirmed'}
        />
      )}
      <Group gap="sm">
        <Button loading={isPending} onClick={onConfirm}>
          Confirm
        </Button>
        <Button variant="default" component={Link} href={pages.reviews}>
          Leave it
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        The link works once. It expires <When at={expiresAt} />.
      </Text>
    </Stack>
  );
}

function Bound({ link, already = false }: { link: SlackLinkView; already?: boolean }) {
  const said = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone; what came of it is read out.
  useEffect(() => {
    if (!already) said.current?.focus();
  }, [already]);
  return (
    <Stack>
      <Alert
        ref={said}
        tabIndex={-1}
        color="green"
        role="status"
        title={already ? 'This Slack account is yours already' : 'Done'}
      >
        In Slack you are <VisibleText>{link.email}</VisibleText> now: what you decide there counts, and hoop tells you
        there about your requests and those that wait for you. <Typed>/hoop unsubscribe</Typed> ends that.
      </Alert>
      <SlackLinkFacts link={link} />
      <ToReviews />
    </Stack>
  );
}

function Taken({ link }: { link: SlackLinkView }) {
  return (
    <Stack>
      <Alert color="red" role="alert" title="This Slack account belongs to another hoop user">
        <Stack gap="xs">
          <Text size="sm">
            It counts as <VisibleText>{link.takenBy ?? 'somebody else'}</VisibleText>, and a Slack account belongs to
            one user. You are signed in as <VisibleText>{link.email}</VisibleText>.
          </Text>
          <List size="sm">
            <List.Item>
              If <VisibleText>{link.takenBy ?? 'that user'}</VisibleText> is you too, and it should stay so in Slack:
              there is nothing to do.
            </List.Item>
            <List.Item>
              If you want to be <VisibleText>{link.email}</VisibleText> in Slack: type <Typed>/hoop unsubscribe</Typed>{' '}
              there, then <Typed>/hoop subscribe</Typed> again.
            </List.Item>
            <List.Item>If you know nothing of it, ask an admin of hoop.</List.Item>
          </List>
        </Stack>
      </Alert>
      <SlackLinkFacts link={link} />
      <ToReviews />
    </Stack>
  );
}

function WithoutLink() {
  const { slackId } = useMe();
  return (
    <Stack>
      <Text>
        {slackId === null ? (
          'No Slack account counts as you yet.'
        ) : (
          <>
            The Slack account <Mono>{slackId}</Mono> counts as you.
          </>
        )}{' '}
        Type <Typed>/hoop subscribe</Typed> in Slack: the answer has a link that leads here.
      </Text>
      <ToReviews />
    </Stack>
  );
}

/** What to type in Slack, never broken between two lines. */
function Typed({ children }: { children: string }) {
  return <Code style={{ whiteSpace: 'nowrap' }}>{children}</Code>;
}

function ToReviews() {
  return (
    <Group>
      <Button variant="default" component={Link} href={pages.reviews}>
        See what waits for review
      </Button>
    </Group>
  );
}
