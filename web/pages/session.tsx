import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Link, useSearch } from 'wouter';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { DecisionDialog, type DialogAction } from '../components/decision-dialog.tsx';
import { DecisionDock, EndMark } from '../components/decision-dock.tsx';
import { DecisionsCard } from '../components/decisions-card.tsx';
import { DetailsCard } from '../components/details-card.tsx';
import { EnvelopeCard } from '../components/envelope-card.tsx';
import { GrantCard } from '../components/grant-card.tsx';
import { OutputPanel } from '../components/output-panel.tsx';
import { ReviewCard } from '../components/review-card.tsx';
import { NextWaiting, SessionKeys } from '../components/session-keys.tsx';
import { SessionSummary } from '../components/session-summary.tsx';
import { TimelineCard } from '../components/timeline-card.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page, PageTitle } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { hasCode } from '../data/ask.ts';
import { sessionQuery } from '../data/sessions.ts';
import { pages } from '../util/paths.ts';
import { useReading } from '../util/use-reading.ts';
import { useSessionStream } from '../util/use-session-stream.ts';
import { BackToReviews } from './not-found.tsx';

/** The permalink of a session: Slack's messages and the CLI lead here. */
export function SessionPage({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(sessionQuery(id));
  if (data) return <SessionContent session={data} />;
  if (error && hasCode(error, 'not_found', 'invalid_input')) {
    return (
      <Page title="No such session">
        <Text>
          There is no session with this id, or it is not one that you may see. <BackToReviews />
        </Text>
      </Page>
    );
  }
  return (
    <Page title="Session">
      {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Loading what="the session" rows={4} />}
    </Page>
  );
}

interface Notice {
  color: string;
  text: string;
  /** The person has done what they came for. */
  decided?: boolean;
}

const sentToRead: Notice = {
  color: 'orange',
  text: 'This request is too long for the list. Read it here; then approve it with the button, or the key a.',
};

const readFirst: Notice = {
  color: 'orange',
  text: 'Not all of the standard input was on the screen. It is now: read it to its end, then approve.',
};

function SessionContent({ session }: { session: SessionDetail }) {
  const { buffer, status } = useSessionStream(session);
  const [open, setOpen] = useState<{ action: DialogAction; session: SessionDetail } | null>(null);
  const isSentToRead = new URLSearchParams(useSearch()).has('read');
  const [notice, setNotice] = useState<Notice | null>(isSentToRead ? sentToRead : null);
  const { whole, showWhole, mustRead } = useReading(session);
  const { digest } = session;
  const [readTo, setReadTo] = useState<string | null>(null);
  // The end of another version may be in sight at once, with what changed far above it.
  const [lookedAt, setLookedAt] = useState(digest);
  const buttons = useRef<HTMLDivElement>(null);
  const close = (next: Notice | null) => {
    setOpen(null);
    setNotice(next);
  };
  const act = (action: DialogAction) => {
    // Nobody approves what was not on their screen.
    if ((action === 'approve' || action === 'force') && mustRead()) setNotice(readFirst);
    else setOpen({ action, session });
  };
  const ran = session.kind === 'exec' && (session.startedAt !== null || session.outputBytes > 0);
  const output = ran && <OutputPanel session={session} buffer={buffer} status={status} />;

  return (
    <Stack gap="md">
      <Group gap="md">
        <Anchor component={Link} href={pages.reviews} size="sm">
          ← Reviews
        </Anchor>
        <Anchor component={Link} href={pages.sessions()} size="sm">
          Sessions
        </Anchor>
      </Group>
      <div>
        <Group justify="space-between" gap="sm">
          <PageTitle title={`${session.kind} on ${session.connection}`}>
            {session.kind} on <VisibleText>{session.connection}</VisibleText>
          </PageTitle>
          <RunAgain session={session} />
        </Group>
        {/* There before it speaks, so that screen readers read it out. */}
        <div role="status">
          {notice && (
            <Alert color={notice.color} mt="md">
              {notice.text}
              {notice.decided && <NextWaiting after={session.id} />}
            </Alert>
          )}
        </div>
      </div>
      {lookedAt !== digest && <ChangedWhileShown session={session} onLooked={() => setLookedAt(digest)} />}
      <SessionSummary session={session} />
      {output}
      <GrantCard session={session} />
      <EnvelopeCard
        session={session}
        whole={whole}
        onWhole={showWhole}
        end={<EndMark key={digest} onSeen={() => setReadTo(digest)} />}
      />
      <ReviewCard session={session} onAction={act} buttons={buttons} />
      <DecisionsCard session={session} />
      <TimelineCard session={session} />
      <DetailsCard session={session} />
      <DecisionDock
        session={session}
        isRead={readTo === digest && lookedAt === digest}
        buttons={buttons}
        onAction={act}
      />
      <SessionKeys session={session} onAction={act} onRefused={(text) => setNotice({ color: 'gray', text })} />
      {open && (
        <DecisionDialog
          {...open}
          onClose={() => setOpen(null)}
          onDone={(text) => close({ color: 'green', text, decided: true })}
          onOutdated={() =>
            close({
              color: 'orange',
              text: 'The request changed since it was shown to you, so nothing was decided. Look at it again: this is how it is now.',
            })
          }
        />
      )}
    </Stack>
  );
}

/** The same as a new request, to be changed and reviewed as any other. A terminal is opened under a grant, not asked for. */
function RunAgain({ session: { id, kind, grant, terminal } }: { session: SessionDetail }) {
  if (terminal || (kind === 'connect' && grant !== null)) return null;
  return (
    <Button component={Link} href={pages.run({ again: id })} variant="default" size="xs">
      {kind === 'connect' ? 'Ask again' : 'Run again'}
    </Button>
  );
}

/** The page follows the session by itself: what is to be approved must not change unnoticed. */
function ChangedWhileShown({ session, onLooked }: { session: SessionDetail; onLooked: () => void }) {
  return (
    <Alert color="orange" role="alert" title="The request changed while you had it open">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{`This is version ${session.envelopeVersion}; approvals of the one before do not count.`}</Text>
        <Button variant="default" size="xs" onClick={onLooked}>
          I have looked at it
        </Button>
      </Group>
    </Alert>
  );
}
