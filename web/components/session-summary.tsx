import { Alert, Group, Stack, Text } from '@mantine/core';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { isEndState, waitsToRun } from '#shared/session-states.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { Section } from '../ui/section.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { GrantFacts } from './grant-facts.tsx';
import { wordsOf } from '../util/session-words.ts';
import { spanBetween } from '../util/time.ts';

/** Where the session stands, since when and until when; who asked, and why. */
export function SessionSummary({ session }: { session: SessionDetail }) {
  const { state, requester, reason, agent, startedAt, endedAt, exitCode, exitSignal } = session;
  // Until it runs the request expires; afterwards the deadline means nothing any more.
  const expires = waitsToRun(state);
  return (
    <Section title="State">
      <Group gap="sm" role="status" wrap="wrap">
        <StateBadge session={session} size="lg" />
        <Text size="sm">{wordsOf(session).sentence}</Text>
      </Group>
      {session.message && (
        <Alert color={isEndState(state) ? 'gray' : 'yellow'} p="xs">
          <VisibleText>{session.message}</VisibleText>
        </Alert>
      )}
      {!agent.online && !isEndState(state) && (
        <Alert color="yellow" p="xs">
          The agent <VisibleText>{agent.name}</VisibleText> is offline;{' '}
          {state === 'active' ? 'commands under the grant wait' : 'the request waits'} until it is back.
        </Alert>
      )}
      <Facts>
        <Fact name="Since">
          <When at={session.stateSince} exact />
        </Fact>
        {expires && (
          <Fact name={session.kind === 'connect' ? 'Waits until' : 'Until'}>
            <When at={session.expiresAt} exact />
          </Fact>
        )}
        <GrantFacts session={session} />
        {exitCode !== null && (
          <Fact name="Exit status">{exitSignal ? `${exitCode} (ended by ${exitSignal})` : exitCode}</Fact>
        )}
        {startedAt && endedAt && (
          <Fact name={session.kind === 'connect' ? 'Lasted' : 'Took'}>{spanBetween(startedAt, endedAt)}</Fact>
        )}
        <Fact name="Asked by">
          <Stack gap={0}>
            <span>
              <VisibleText>{requester.name}</VisibleText>
              {requester.name !== requester.email && (
                <>
                  {' ('}
                  <VisibleText>{requester.email}</VisibleText>)
                </>
              )}
            </span>
          </Stack>
        </Fact>
        <Fact name="Reason">
          {reason === '' ? (
            <Text span inherit c="dimmed">
              none given
            </Text>
          ) : (
            <span style={{ whiteSpace: 'pre-wrap' }}>
              <VisibleText>{reason}</VisibleText>
            </span>
          )}
        </Fact>
      </Facts>
    </Section>
  );
}
