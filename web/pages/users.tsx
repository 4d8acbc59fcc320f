import { Autocomplete, Button, Group, NativeSelect, Stack } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AdminsOnly } from '../components/admins-only.tsx';
import { PeopleTabs } from '../components/users/people-tabs.tsx';
import { UserDialog } from '../components/users/user-dialog.tsx';
import { UserList } from '../components/users/user-list.tsx';
import { Empty } from '../ui/empty.tsx';
import { FilterField } from '../ui/filter-field.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { useFetchMore } from '../data/fetch-more.ts';
import { groupsQuery } from '../data/groups.ts';
import { usersQuery } from '../data/users.ts';
import { useFilters } from '../util/use-filters.ts';

/** Everybody hoop knows, by e-mail address; the filter, and who is open, are in the address. */
export function UsersPage() {
  return (
    <Page title="Users">
      <AdminsOnly do="keep users">
        <PeopleTabs at="users">
          <Users />
        </PeopleTabs>
      </AdminsOnly>
    </Page>
  );
}

const filterNames = ['search', 'group', 'status', 'user'] as const;

function Users() {
  const [{ search, group, status, user }, change] = useFilters(filterNames);
  const [isNew, setNew] = useState(false);
  const [notice, setNotice] = useState<string | null>(null);
  const active = status === 'active' ? 'true' : status === 'deactivated' ? 'false' : undefined;
  const list = usersQuery({ search, group, active });
  const users = useInfiniteQuery(list);
  const showMore = useFetchMore(users, list.queryKey);
  const groups = useQuery(groupsQuery);
  const all = users.data?.pages.flat() ?? [];
  const isFiltered = search !== undefined || group !== undefined || active !== undefined;
  const close = (said: string | null) => {
    setNew(false);
    change({ user: '' });
    if (said !== null) setNotice(said);
  };

  return (
    <Stack>
      <Group align="flex-end" gap="sm">
        <FilterField
          type="search"
          label="Search"
          placeholder="Name, e-mail or Slack id"
          value={search ?? ''}
          onChange={(next) => change({ search: next })}
          style={{ flex: '1 1 14rem' }}
        />
        <Autocomplete
          key={group ?? ''}
          label="Group"
          placeholder="Any"
          data={groups.data?.map(({ name }) => name) ?? []}
          defaultValue={group ?? ''}
          onOptionSubmit={(next) => change({ group: next })}
          onBlur={({ currentTarget }) => {
            if (currentTarget.value.trim() !== (group ?? '')) change({ group: currentTarget.value.trim() });
          }}
          clearable
          clearButtonProps={{ 'aria-label': 'Any group', onClick: () => change({ group: '' }) }}
          style={{ flex: '1 1 9rem' }}
        />
        <NativeSelect
          label="Status"
          data={[
            { value: '', label: 'Any' },
            { value: 'active', label: 'Active' },
            { value: 'deactivated', label: 'Deactivated' },
          ]}
          value={status ?? ''}
          onChange={({ currentTarget }) => change({ status: currentTarget.value })}
          style={{ flex: '0 1 9rem' }}
        />
        <Button onClick={() => setNew(true)}>New user</Button>
      </Group>
      {users.isPending && !users.isError && <Loading what="users" rows={6} />}
      {users.isError && !users.data && (
        <Problem error={users.error} title="Users cannot be shown" onRetry={() => void users.refetch()} />
      )}
      {users.data && all.length === 0 && (
        <Empty
          action={
            isFiltered ? (
              <Button variant="default" onClick={() => change({ search: '', group: '', status: '' })}>
                Show all
              </Button>
            ) : undefined
          }
        >
          {isFiltered ? 'No user fits all of this.' : 'There is no user yet.'}
        </Empty>
      )}
      {all.length > 0 && <UserList users={all} onOpen={(email) => change({ user: email })} />}
      {users.hasNextPage && (
        <Button variant="default" loading={users.isFetchingNextPage} onClick={showMore} style={{ alignSelf: 'center' }}>
          Show more
        </Button>
      )}
      {(isNew || user !== undefined) && (
        <UserDialog key={user ?? ''} email={isNew ? null : (user ?? null)} onClose={() => close(null)} onDone={close} />
      )}
      <Notice notice={notice === null ? null : { color: 'green', text: notice }} onClose={() => setNotice(null)} />
    </Stack>
  );
}
