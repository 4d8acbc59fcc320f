import { Anchor, Badge, Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { UserView } from '#shared/api-schemas.ts';
import { Cell, DataTable } from '../../ui/data-table.tsx';
import { Mono, VisibleText } from '../../ui/visible-text.tsx';
import { pages } from '../../util/paths.ts';

interface Props {
  users: UserView[];
  onOpen: (email: string) => void;
}

const headings = ['E-mail', 'Name', 'Groups', 'Slack id', 'Status'];

export function UserList({ users, onOpen }: Props) {
  return (
    <DataTable label="Users" headings={headings}>
      {users.map((user) => (
        <tr key={user.id}>
          <Cell heading="E-mail" kind="main">
            <Anchor component="button" type="button" size="sm" fw={600} ta="left" onClick={() => onOpen(user.email)}>
              <VisibleText>{user.email}</VisibleText>
            </Anchor>
          </Cell>
          <Cell heading="Name">
            <VisibleText>{user.name}</VisibleText>
          </Cell>
          <Cell heading="Groups">
            <GroupLinks groups={user.groups} />
          </Cell>
          <Cell heading="Slack id" kind="short">
            {user.slackId === null ? <None /> : <Mono>{user.slackId}</Mono>}
          </Cell>
          <Cell heading="Status">
            <Status user={user} />
          </Cell>
        </tr>
      ))}
    </DataTable>
  );
}

function GroupLinks({ groups }: { groups: string[] }) {
  if (groups.length === 0) return <None />;
  return (
    <Group gap={6}>
      {groups.map((group) => (
        <Anchor key={group} component={Link} href={pages.users({ group })} size="sm" title={`Only members of ${group}`}>
          <VisibleText>{group}</VisibleText>
        </Anchor>
      ))}
    </Group>
  );
}

function Status({ user }: { user: UserView }) {
  return (
    <Group gap={6}>
      <Badge variant="dot" color={user.active ? 'green.6' : 'gray.5'} tt="none">
        {user.active ? 'Active' : 'Deactivated'}
      </Badge>
      {user.admin && (
        <Badge variant="default" tt="none">
          Admin
        </Badge>
      )}
      {user.active && !user.hasPassword && (
        <Text span size="xs" c="dimmed">
          no password
        </Text>
      )}
    </Group>
  );
}

function None() {
  return (
    <Text span inherit c="dimmed">
      none
    </Text>
  );
}
