import { Text } from '@mantine/core';
import { Link } from 'wouter';
import type { SessionView } from '#shared/api-schemas.ts';
import { StateBadge } from '../ui/state-badge.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { pages } from '../util/paths.ts';
import { grantText } from '../util/session-words.ts';
import classes from './session-row.module.css';

interface Props {
  sessions: SessionView[];
  label: string;
  /** They are all of one grant, and little tells them apart but their ids. */
  ofGrant?: boolean;
}

/** Sessions one under the other, each a link to its page. */
export function SessionList({ sessions, label, ofGrant = false }: Props) {
  return (
    <ul className={classes.list} aria-label={label}>
      {sessions.map((session) => (
        <li key={session.id}>
          <SessionRow session={session} ofGrant={ofGrant} />
        </li>
      ))}
    </ul>
  );
}

function SessionRow({ session, ofGrant }: { session: SessionView; ofGrant: boolean }) {
  const { connection, requester, reason, review, state, activeUntil } = session;
  const asksFor = grantText(session);
  const asked = review.groups.filter(({ met }) => !met).map(({ group }) => group);
  return (
    <Link href={pages.session(session.id)} className={classes.row}>
      <div className={classes.top}>
        <span className={classes.connection}>
          <VisibleText>{connection}</VisibleText>
          {asksFor !== null && <span className={classes.kind}>{` · ${asksFor}`}</span>}
        </span>
        <StateBadge session={session} />
      </div>
      <div className={classes.about}>
        <VisibleText>{requester.email}</VisibleText>, <When at={session.createdAt} />
        {session.kind === 'exec' &&
          session.grant !== null &&
          (ofGrant ? ` · exec ${session.id.slice(0, 8)}` : ' · under a grant')}
        {state === 'active' && activeUntil !== null && (
          <>
            {' · ends '}
            <When at={activeUntil} />
          </>
        )}
        {state === 'pending' && asked.length > 0 && (
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
