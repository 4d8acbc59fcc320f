import { Text } from '@mantine/core';
import type { SessionDetail } from '#shared/api-schemas.ts';
import type { TimelineEntry } from '#shared/session-timeline.ts';
import { Section } from '../ui/section.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { timelineWords } from '../util/timeline-words.ts';
import { absoluteTime } from '../util/time.ts';
import classes from './timeline-card.module.css';

const places: Readonly<Record<NonNullable<TimelineEntry['via']>, string>> = {
  slack: 'Slack',
  console: 'the console',
  cli: 'the CLI',
  api: 'the API',
};

/** What happened, in order: by whom, and from where. */
export function TimelineCard({ session: { timeline } }: { session: SessionDetail }) {
  return (
    <Section title="Timeline">
      <ol className={classes.timeline} aria-label="Timeline">
        {timeline.map((entry, at) => (
          <li key={at} className={classes.entry} data-what={entry.what}>
            <Entry entry={entry} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { at, by, via } = entry;
  const { title, detail } = timelineWords(entry);
  return (
    <>
      <time dateTime={at} className={classes.time} title={absoluteTime(at)}>
        {absoluteTime(at)}
      </time>
      <Text size="sm" component="div">
        <strong>
          <VisibleText>{title}</VisibleText>
        </strong>
        {by !== undefined && (
          <>
            {' by '}
            <VisibleText>{by}</VisibleText>
          </>
        )}
        {via !== undefined && by !== undefined && (
          <Text span inherit c="dimmed">
            {` in ${places[via]}`}
          </Text>
        )}
        {detail !== '' && (
          <div className={classes.detail}>
            <VisibleText>{detail}</VisibleText>
          </div>
        )}
      </Text>
    </>
  );
}
