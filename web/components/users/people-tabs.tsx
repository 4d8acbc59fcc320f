import { Tabs } from '@mantine/core';
import { useLocation } from 'wouter';
import { pages } from '../../util/paths.ts';

/** Users and groups are two pages of one place in the menu. */
export function PeopleTabs({ at, children }: { at: 'users' | 'groups'; children: React.ReactNode }) {
  const [, navigate] = useLocation();
  return (
    <Tabs
      value={at}
      onChange={(next) => navigate(next === 'groups' ? pages.groups : pages.users())}
      keepMounted={false}
    >
      <Tabs.List aria-label="Users and groups" mb="md">
        <Tabs.Tab value="users">Users</Tabs.Tab>
        <Tabs.Tab value="groups">Groups</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value={at}>{children}</Tabs.Panel>
    </Tabs>
  );
}
