import { Text } from '@mantine/core';
import { Link } from 'wouter';
import type { SessionView } from '#shared/api-schemas.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { pages } from '../util/paths.ts';
import classes from './session-row.module.css';

/** Sessions one under the other, each a link to its page. */
export function SessionList({ sessions, label }: { sessions: SessionView[]; label: string }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {sessions.map((session) => (
        <li key={session.id}>
          <SessionRow session={session} />
        </li>
      ))}
    </ul>
  );
}

function SessionRow({ session }: { session: SessionView }) {
  const { connection, requester, reason, review } = session;
  const asked = review.groups.filter(({ met }) => !met).map(({ group }) => group);
  return (
    <Link href={pages.session(session.id)} className={classes.row}>
      <div className={classes.top}>
        <span className={classes.connection}>
          <VisibleText>{connection}</VisibleText>
        </span>
        <StateBadge session={session} />
      </div>
      <div className={classes.about}>
        <VisibleText>{requester.email}</VisibleText>, <When at={session.createdAt} />
        {session.state === 'pending' && asked.length > 0 && (
          <>
            {' · waits for '}
            <VisibleText>{asked.join(', ')}</VisibleText>
          </>
        )}
      </div>
      {reason !== '' && (
        <Text component="div" lineClamp={2} className={classes.reason}>
          <VisibleText>{reason}</VisibleText>
        </Text>
      )}
    </Link>
  );
}
