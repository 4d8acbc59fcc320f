import { Alert, Stack, Text } from '@mantine/core';
import type { SessionDetail } from '#shared/api-schemas.ts';
import type { RequestChange } from '#shared/request-change.ts';
import { Argv } from '../ui/argv.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';

const names: Readonly<Record<keyof RequestChange['now'], string>> = {
  command: 'Command',
  connectionEnvNames: 'Variables of the connection',
  agent: 'Agent',
  runAs: 'User it runs as',
  reviewers: 'Reviewers',
  window: 'Time window',
};

/** What is another than in the version before; nothing for the first version. */
export function ChangeFacts({ session: { change, envelopeVersion } }: { session: SessionDetail }) {
  if (!change) return null;
  const { by, at, what, before, now } = change;
  const differing = (Object.keys(names) as (keyof typeof names)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]),
  );
  return (
    <Alert color="orange" title={`Version ${envelopeVersion}: the connection was changed`}>
      <Stack gap="xs">
        <Text size="sm">
          By <VisibleText>{by}</VisibleText>, <When at={at} />: <VisibleText>{what.join(', ')}</VisibleText>. Approvals
          of earlier versions do not count.
        </Text>
        {differing.length > 0 && (
          <Facts>
            {differing.map((field) => (
              <Fact key={field} name={names[field]}>
                <Stack gap={4}>
                  <Values title="before" value={before[field]} />
                  <Values title="now" value={now[field]} />
                </Stack>
              </Fact>
            ))}
          </Facts>
        )}
      </Stack>
    </Alert>
  );
}

function Values({ title, value }: { title: string; value: string | string[] | null }) {
  const values = value === null ? [] : typeof value === 'string' ? [value] : value;
  return (
    <Text size="sm" component="div" style={{ display: 'flex', gap: 8, alignItems: 'baseline' }}>
      <Text span inherit c="dimmed" w={48} style={{ flexShrink: 0 }}>
        {title}
      </Text>
      {values.length === 0 ? 'none' : <Argv values={values} label={title} />}
    </Text>
  );
}
