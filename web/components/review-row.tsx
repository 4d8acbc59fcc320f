import { Text, VisuallyHidden } from '@mantine/core';
import { Link } from 'wouter';
import type { SessionView } from '#shared/api-schemas.ts';
import { Expires } from '../ui/expires.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { argvText } from '../util/argv-text.ts';
import { pages } from '../util/paths.ts';
import { grantText } from '../util/session-words.ts';
import { useMe } from './frame.tsx';
import classes from './review-row.module.css';

/** A request that waits: who asks for what and why, until when, and how far its review is. */
export function ReviewRow({ session }: { session: SessionView }) {
  const { connection, requester, reason, createdAt, expiresAt, agent } = session;
  return (
    <Link href={pages.session(session.id)} className={classes.row} data-review={session.id}>
      <div className={classes.top}>
        <span>
          <span className={classes.connection}>
            <VisibleText>{connection}</VisibleText>
          </span>
          {` · ${grantText(session) ?? 'exec'}`}
        </span>
        <span className={classes.about}>
          <Expires at={expiresAt} />
        </span>
      </div>
      <div className={classes.about}>
        <VisibleText>{requester.name}</VisibleText>
        {requester.name !== requester.email && (
          <>
            {' ('}
            <VisibleText>{requester.email}</VisibleText>)
          </>
        )}
        , <When at={createdAt} />
        {!agent.online && (
          <>
            {' · agent '}
            <VisibleText>{agent.name}</VisibleText> is offline
          </>
        )}
      </div>
      {reason !== '' && (
        <Text component="div" lineClamp={2} className={classes.reason}>
          <VisibleText>{reason}</VisibleText>
        </Text>
      )}
      <Preview session={session} />
      <Standing session={session} />
    </Link>
  );
}

function Preview({ session: { kind, review } }: { session: SessionView }) {
  const { preview } = review;
  if (!preview) return null;
  const { argv, script, whole } = preview;
  if (argv.length === 0) return <div className={classes.preview}>Long: open it to read it.</div>;
  return (
    <div className={classes.preview}>
      <span className={script === null ? undefined : classes.argv}>
        <VisibleText>{argvText(argv)}</VisibleText>
      </span>
      {script !== null && (
        <>
          {'\n'}
          <VisibleText>{script}</VisibleText>
        </>
      )}
      {!whole && kind === 'exec' && <span className={classes.argv}>{' … more'}</span>}
    </div>
  );
}

function Standing({ session: { review } }: { session: SessionView }) {
  const me = useMe();
  const { groups, approvals, approvalsNeeded } = review;
  const approvedByMe = groups.some(({ approvedBy }) => approvedBy.includes(me.email));
  return (
    <div className={classes.groups}>
      {groups.map(({ group, met }) => (
        <span key={group} className={met ? classes.met : classes.asked}>
          <span aria-hidden>{met ? '✓ ' : '○ '}</span>
          <VisibleText>{group}</VisibleText>
          <VisuallyHidden>{met ? ' has approved' : ' is asked'}</VisuallyHidden>
        </span>
      ))}
      {approvalsNeeded > 1 && <span className={classes.asked}>{`${approvals} of ${approvalsNeeded} people`}</span>}
      {approvedByMe && <span className={classes.asked}>you approved</span>}
    </div>
  );
}
