import { Badge, Stack, Text } from '@mantine/core';
import type { DecisionView, SessionDetail } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { Section } from '../ui/section.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import classes from './session-row.module.css';

const verdicts: Readonly<Record<DecisionView['verdict'], string>> = {
  approve: 'approved',
  reject: 'rejected',
  cancel: 'withdrew it',
  revoke: 'revoked it',
};
const places: Readonly<Record<DecisionView['via'], string>> = {
  slack: 'in Slack',
  console: 'in the console',
  cli: 'by CLI',
  api: 'by API',
};

/** Who decided what, in the order it counted. */
export function DecisionsCard({ session }: { session: SessionDetail }) {
  const decisions = [...session.decisions].sort((a, b) => a.seq - b.seq);
  return (
    <Section title="Decisions">
      {decisions.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody has decided.
        </Text>
      ) : (
        <ol className={classes.list} aria-label="Decisions">
          {decisions.map((decision) => (
            <li key={decision.id}>
              <Decision decision={decision} session={session} />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function Decision({ decision, session }: { decision: DecisionView; session: SessionDetail }) {
  const { by, verdict, group, force, reason, via, at, duration } = decision;
  const outdated = decision.digest !== session.digest;
  const gaveBack = verdict === 'cancel' && session.kind === 'connect' && session.startedAt !== null;
  return (
    <Stack gap={2}>
      <Text size="sm" component="div">
        <strong>
          <VisibleText>{by.email}</VisibleText>
        </strong>{' '}
        {gaveBack ? 'gave it back' : verdicts[verdict]}
        {group !== null && (
          <>
            {' for '}
            <VisibleText>{group}</VisibleText>
          </>
        )}
        {duration !== null && `, for ${formatDuration(duration)} at most`}{' '}
        <Text span inherit c="dimmed">
          {places[via]}, <When at={at} />
        </Text>{' '}
        {force && (
          <Badge size="sm" color="orange.9" tt="none">
            forced
          </Badge>
        )}
        {outdated && (
          <Badge size="sm" color="gray" variant="outline" tt="none">
            about an earlier version
          </Badge>
        )}
      </Text>
      {reason !== '' && (
        <Text size="sm" component="div" style={{ whiteSpace: 'pre-wrap' }}>
          <VisibleText>{reason}</VisibleText>
        </Text>
      )}
    </Stack>
  );
}
