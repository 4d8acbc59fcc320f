import { Button, Group, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { AdminsOnly } from '../components/admins-only.tsx';
import { ConnectionList } from '../components/connections/connection-list.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { connectionsQuery } from '../data/connections.ts';
import { pages } from '../util/paths.ts';
import { wordsText } from '../util/words.ts';

/** What there is to ask for; for admins, who keep it. */
export function ConnectionsPage() {
  return (
    <Page title="Connections">
      <AdminsOnly do="keep connections">
        <Connections />
      </AdminsOnly>
    </Page>
  );
}

function Connections() {
  const [search, setSearch] = useSearchParams();
  const wanted = search.get('q') ?? '';
  const { data, error, refetch } = useQuery(connectionsQuery);
  const found = (data ?? []).filter((connection) => fits(connection, wanted));
  const create = (
    <Button component={Link} href={pages.newConnection}>
      New connection
    </Button>
  );
  return (
    <>
      <Group align="flex-end" justify="space-between">
        <TextInput
          label="Search"
          description="Name, agent, command, group or tag"
          value={wanted}
          onChange={({ currentTarget }) =>
            setSearch(currentTarget.value === '' ? {} : { q: currentTarget.value }, { replace: true })
          }
          type="search"
          style={{ flex: '1 1 14rem' }}
          maw={360}
        />
        {create}
      </Group>
      {error && !data && <Problem error={error} title="Connections cannot be shown" onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="connections" rows={4} />}
      {data?.length === 0 && (
        <Empty action={create}>
          There is no connection yet. A connection is a command that people ask to run on the machine of an agent.
        </Empty>
      )}
      {data && data.length > 0 && found.length === 0 && <Empty>No connection has all of these words.</Empty>}
      {found.length > 0 && <ConnectionList connections={found} />}
    </>
  );
}

/** Each word is somewhere in what the list shows. */
function fits(connection: ConnectionView, wanted: string): boolean {
  const { name, agent, command, reviewers, forceApproveGroups, tags } = connection;
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const text = [name, agent, wordsText(command), ...reviewers, ...forceApproveGroups, ...pairs]
    .join('\n')
    .toLowerCase();
  const words = wanted.toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word));
}
