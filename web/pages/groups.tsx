import { Anchor, Group as Flow, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { GroupView } from '#shared/group-schemas.ts';
import { AdminsOnly } from '../components/admins-only.tsx';
import { PeopleTabs } from '../components/users/people-tabs.tsx';
import { Cell, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { groupsQuery } from '../data/groups.ts';
import { reviewedByGroupQuery } from '../data/users.ts';
import { pages } from '../util/paths.ts';

/** Who is in which group, and what asks them. */
export function GroupsPage() {
  return (
    <Page title="Groups">
      <AdminsOnly do="keep groups">
        <PeopleTabs at="groups">
          <Groups />
        </PeopleTabs>
      </AdminsOnly>
    </Page>
  );
}

function Groups() {
  const { data, error, refetch } = useQuery(groupsQuery);
  const { data: reviewed = {} } = useQuery(reviewedByGroupQuery);
  if (data?.length === 0) return <Empty>There is no group yet; one comes into being with its first member.</Empty>;
  if (data) {
    return (
      <DataTable label="Groups" headings={['Group', 'Members', 'Reviews for']}>
        {data.map((group) => (
          <GroupRow key={group.name} group={group} connections={reviewed[group.name] ?? []} />
        ))}
      </DataTable>
    );
  }
  if (error) return <Problem error={error} title="Groups cannot be shown" onRetry={() => void refetch()} />;
  return <Loading what="groups" rows={6} />;
}

function GroupRow({ group: { name, members }, connections }: { group: GroupView; connections: string[] }) {
  return (
    <tr>
      <Cell heading="Group" kind="main">
        <Anchor component={Link} href={pages.users({ group: name })} size="sm" fw={600}>
          <VisibleText>{name}</VisibleText>
        </Anchor>
      </Cell>
      <Cell heading="Members" kind="short">
        {members}
        {members === 0 && connections.length > 0 && (
          <Text span inherit c="var(--hoop-bad)">
            {' · nobody can approve for it'}
          </Text>
        )}
      </Cell>
      <Cell heading="Reviews for">
        {connections.length === 0 ? (
          <Text span inherit c="dimmed">
            no connection
          </Text>
        ) : (
          <Flow gap={8}>
            {connections.map((connection) => (
              <Anchor key={connection} component={Link} href={pages.connection(connection)} size="sm">
                <VisibleText>{connection}</VisibleText>
              </Anchor>
            ))}
          </Flow>
        )}
      </Cell>
    </tr>
  );
}
