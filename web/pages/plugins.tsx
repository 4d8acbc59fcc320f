import { Anchor, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { PluginView } from '#shared/api-schemas.ts';
import { AdminsOnly } from '../components/admins-only.tsx';
import { SlackStateBadge } from '../components/slack/slack-state.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { slackQuery } from '../data/slack.ts';
import { pages } from '../util/paths.ts';
import classes from '../components/slack/rows.module.css';

/** What hoop works together with; there is Slack. */
export function PluginsPage() {
  return (
    <Page title="Manage plugins">
      <AdminsOnly do="manage plugins">
        <Plugins />
      </AdminsOnly>
    </Page>
  );
}

function Plugins() {
  const { data, error, refetch } = useQuery(slackQuery);
  if (data === undefined) {
    return error ? (
      <Problem error={error} title="Plugins cannot be shown" onRetry={() => void refetch()} />
    ) : (
      <Loading what="plugins" rows={1} />
    );
  }
  return (
    <ul className={classes.list} aria-label="Plugins">
      <li className={classes.row}>
        <Group justify="space-between" wrap="nowrap">
          <Stack gap={2} miw={0}>
            <Anchor component={Link} href={pages.slack} fw={600}>
              Slack
            </Anchor>
            <Text size="sm" c="dimmed">
              <Summary plugin={data} />
            </Text>
          </Stack>
          <SlackStateBadge state={data?.state ?? 'off'} />
        </Group>
        <Group gap="md">
          <Anchor component={Link} href={pages.slackSettings} size="sm" aria-label="Settings of Slack">
            Settings
          </Anchor>
          <Anchor component={Link} href={pages.slackConfigurations} size="sm" aria-label="Configurations of Slack">
            Configurations
          </Anchor>
        </Group>
      </li>
    </ul>
  );
}

function Summary({ plugin }: { plugin: PluginView | null }) {
  if (plugin === null) return 'Requests are asked, decided and told of in Slack. Not configured yet.';
  if (plugin.team === null) return 'Requests are asked, decided and told of in Slack.';
  return (
    <>
      Requests are asked, decided and told of in the workspace <VisibleText>{plugin.team.name}</VisibleText>.
    </>
  );
}
