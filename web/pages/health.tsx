import { Alert, Button, Group, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { HealthView } from '#shared/health-schemas.ts';
import { healthTitles } from '#shared/health-titles.ts';
import { AdminsOnly } from '../components/admins-only.tsx';
import { HealthCard } from '../components/health/health-card.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { healthQuery } from '../data/health.ts';
import classes from '../components/health/health.module.css';

/** Every part of hoop, measured as the page is opened, comes to the front, or is told to. */
export function HealthPage() {
  return (
    <Page title="System health">
      <AdminsOnly do="see how hoop fares">
        <Health />
      </AdminsOnly>
    </Page>
  );
}

function Health() {
  const { data, error, isFetching, refetch } = useQuery(healthQuery);
  if (!data && error) {
    return <Problem error={error} title="Nothing was measured" onRetry={() => void refetch()} />;
  }
  if (!data) return <Loading what="how each part fares" rows={6} />;
  return (
    <>
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" role="status">
          Measured <When at={data.at} /> by a gateway of hoop {data.version}.
        </Text>
        <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
          Refresh
        </Button>
      </Group>
      {error && <Problem error={error} title="Not measured again; this is how it was" />}
      <Whole view={data} />
      <div className={classes.parts}>
        {data.parts.map((part) => (
          <HealthCard key={part.part} part={part} />
        ))}
      </div>
    </>
  );
}

/** What is not as it should be, before everything that is. */
function Whole({ view: { state, parts } }: { view: HealthView }) {
  if (state === 'ok') return <Alert color="green" title="Every part works" />;
  const troubled = parts.filter((part) => part.state !== 'ok');
  const bad = troubled.filter((part) => part.state === 'bad').length;
  const title =
    bad > 0
      ? `${bad} ${bad === 1 ? 'part does' : 'parts do'} not work`
      : `hoop works; ${troubled.length} ${troubled.length === 1 ? 'part needs' : 'parts need'} a look`;
  return (
    <Alert color={bad > 0 ? 'red' : 'yellow'} title={title}>
      <List size="sm">
        {troubled.map(({ part, summary }) => (
          <List.Item key={part}>
            {healthTitles[part]}: <VisibleText>{summary}</VisibleText>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
