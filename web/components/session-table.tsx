import { Table, Text, VisuallyHidden } from '@mantine/core';
import { Link } from 'wouter';
import type { SessionView } from '#shared/api-schemas.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { pages } from '../util/paths.ts';
import { exitText, whatText } from '../util/session-words.ts';
import { spanBetween } from '../util/time.ts';
import { useNow } from '../util/use-now.ts';
import classes from './session-table.module.css';

/** Sessions for a wide screen, one a row; each row leads to its page. */
export function SessionTable({ sessions }: { sessions: SessionView[] }) {
  return (
    <Table.ScrollContainer minWidth={760} scrollAreaProps={{ type: 'auto' }}>
      <Table highlightOnHover verticalSpacing="xs" className={classes.table} aria-label="Sessions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={125}>State</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th w="16%">Connection</Table.Th>
            <Table.Th w="20%">Asked by</Table.Th>
            <Table.Th w={140}>When</Table.Th>
            <Table.Th w={95}>Duration</Table.Th>
            <Table.Th w={60}>Exit</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sessions.map((session) => (
            <Row key={session.id} session={session} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ session }: { session: SessionView }) {
  const { id, connection, requester, reason, createdAt } = session;
  return (
    <Table.Tr className={classes.row}>
      <Table.Td>
        <StateBadge session={session} />
      </Table.Td>
      <Table.Td>
        <Link href={pages.session(id)} className={classes.link}>
          {whatText(session)}{' '}
          <VisuallyHidden>
            on <VisibleText>{connection}</VisibleText>
          </VisuallyHidden>
          <span className={classes.id}>{id.slice(0, 8)}</span>
        </Link>
        {session.kind === 'exec' && session.grant !== null && (
          <Text span size="xs" c="dimmed">
            {' · under a grant'}
          </Text>
        )}
        {reason !== '' && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            <VisibleText>{reason}</VisibleText>
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <VisibleText>{connection}</VisibleText>
      </Table.Td>
      <Table.Td>
        <VisibleText>{requester.email}</VisibleText>
      </Table.Td>
      <Table.Td>
        <When at={createdAt} />
      </Table.Td>
      <Table.Td>
        <Lasted session={session} />
      </Table.Td>
      <Table.Td>{exitText(session)}</Table.Td>
    </Table.Tr>
  );
}

function Lasted({ session: { state, activeUntil, startedAt, endedAt } }: { session: SessionView }) {
  const now = useNow();
  if (state === 'active' && activeUntil !== null) {
    return (
      <>
        ends <When at={activeUntil} />
      </>
    );
  }
  if (startedAt === null) return null;
  return spanBetween(startedAt, endedAt ?? new Date(Math.max(now, Date.parse(startedAt))).toISOString());
}
