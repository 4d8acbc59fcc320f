import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import type { ConnectionView, SessionView } from '#shared/api-schemas.ts';
import { askingProblems } from '#shared/asking-text.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Remaining } from '../ui/remaining.tsx';
import { Section } from '../ui/section.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { cancelSession, sessionAnswered } from '../data/sessions.ts';
import { pages } from '../util/paths.ts';
import { grantText, wordsOf } from '../util/session-words.ts';
import { MoreTimeDialog } from './more-time-dialog.tsx';

interface Props {
  connection: ConnectionView;
  grant: SessionView;
  /** Requests for more time that still wait. */
  extensions: SessionView[];
}

/** A grant of whoever looks: how far its review is, how long it lasts, and what can be done with it. */
export function GrantPanel({ connection, grant, extensions }: Props) {
  const [open, setOpen] = useState<'more' | 'end' | null>(null);
  const client = useQueryClient();
  const reasonId = useId();
  const isActive = grant.state === 'active';
  const waits = grant.state === 'pending' || grant.state === 'approved';
  return (
    <Section title={isActive ? 'Your grant' : 'Your request'}>
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <StateBadge session={grant} />
          {isActive && grant.activeUntil !== null && <Remaining until={grant.activeUntil} />}
        </Group>
        <Group gap="sm">
          {isActive && (
            <ActionButton
              label="Ask for more time"
              variant="default"
              size="xs"
              refusedBy={extensions.length > 0 ? reasonId : undefined}
              onClick={() => setOpen('more')}
            />
          )}
          {(isActive || waits) && (
            <ActionButton
              label={isActive ? 'Give back' : 'Withdraw'}
              variant="default"
              size="xs"
              refusedBy={undefined}
              onClick={() => setOpen('end')}
            />
          )}
        </Group>
      </Group>
      {!isActive && <Waiting session={grant} />}
      {extensions.map((extension) => (
        <Alert key={extension.id} color="blue" id={reasonId}>
          <Text size="sm">
            More time is asked for ({grantText(extension)}), <When at={extension.createdAt} />.{' '}
            <Anchor component={Link} href={pages.session(extension.id)} inherit>
              How far that is
            </Anchor>
          </Text>
          <Waiting session={extension} />
        </Alert>
      ))}
      <Anchor component={Link} href={pages.session(grant.id)} size="sm">
        {isActive ? 'The grant and what ran under it' : 'The request in full'}
      </Anchor>
      {open === 'more' && <MoreTimeDialog connection={connection} grant={grant} onClose={() => setOpen(null)} />}
      {open === 'end' && (
        <ConfirmDialog
          title={isActive ? 'Give the grant back' : 'Withdraw your request'}
          submit={isActive ? 'Give back' : 'Withdraw'}
          act={async () => sessionAnswered(client, await cancelSession(grant.id, ''))}
          onClose={() => setOpen(null)}
          onDone={() => setOpen(null)}
        >
          <Text size="sm">
            {isActive
              ? 'It ends now, and so do the terminals and commands that run under it.'
              : 'Nobody is asked any more. You can ask anew at any time.'}
          </Text>
        </ConfirmDialog>
      )}
    </Section>
  );
}

/** Who is asked and who said yes; live. */
function Waiting({ session }: { session: SessionView }) {
  const { review, expiresAt, message, url, state } = session;
  const missing = review.groups.filter(({ met }) => !met).map(({ group }) => group);
  const met = review.groups.filter((group) => group.met);
  return (
    <Stack gap={4} role="status">
      <Text size="sm">
        {wordsOf(session).sentence} {state === 'pending' && missing.length > 0 && `Asked: ${missing.join(', ')}.`}{' '}
        {review.askedIn.length > 0 && state === 'pending' && `In Slack: ${review.askedIn.join(', ')}.`}
      </Text>
      {met.map(({ group, approvedBy }) => (
        <Text key={group} size="sm">
          {`${group}: approved by ${approvedBy.join(', ')}.`}
        </Text>
      ))}
      {state === 'pending' && (
        <Text size="sm" c="dimmed">
          It expires <When at={expiresAt} />.
        </Text>
      )}
      {message !== null && (
        <Text size="sm">
          <VisibleText>{message}</VisibleText>
        </Text>
      )}
      {askingProblems(review.asked ?? [], url).map((problem) => (
        <Text key={problem} size="sm" c="var(--hoop-bad)">
          <VisibleText>{problem}</VisibleText>
        </Text>
      ))}
    </Stack>
  );
}
