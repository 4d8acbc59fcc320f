import { Group, Select, Stack, Text } from '@mantine/core';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { whoApproves } from '#shared/policy-sentence.ts';
import { Online } from '../ui/online.tsx';
import { VisibleText } from '../ui/visible-text.tsx';

/** Beyond these one writes more of the name. */
const shownAtOnce = 50;

interface Props {
  connections: ConnectionView[];
  value: string | null;
  onChange: (name: string) => void;
  error?: string;
}

/** Found by name, command or tag. */
export function ConnectionPicker({ connections, value, onChange, error }: Props) {
  const byName = new Map(connections.map((connection) => [connection.name, connection]));
  return (
    <Select
      label="Connection"
      placeholder="Search by name, command or tag"
      data={connections.map(({ name }) => name)}
      value={value !== null && byName.has(value) ? value : null}
      onChange={(name) => name !== null && onChange(name)}
      error={error}
      searchable
      allowDeselect={false}
      limit={shownAtOnce}
      maxDropdownHeight={320}
      nothingFoundMessage="No connection is called so"
      comboboxProps={{ withinPortal: true }}
      filter={({ options, search, limit }) =>
        options
          .filter((option) => 'value' in option && matches(byName.get(option.value), search.trim().toLowerCase()))
          .slice(0, limit)
      }
      renderOption={({ option }) => <Option connection={byName.get(option.value)} />}
    />
  );
}

function matches(connection: ConnectionView | undefined, search: string): boolean {
  if (!connection) return false;
  const { name, command, tags, agent } = connection;
  const words = [name, command.join(' '), agent, ...Object.entries(tags).map((tag) => tag.join('='))];
  return words.join('\n').toLowerCase().includes(search);
}

function Option({ connection }: { connection: ConnectionView | undefined }) {
  if (!connection) return null;
  const { name, command, agentOnline } = connection;
  return (
    <Stack gap={0} miw={0}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          <VisibleText>{name}</VisibleText>
        </Text>
        {!agentOnline && (
          <Text size="xs">
            agent <Online online={false} />
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed" truncate>
        <VisibleText>{`${command.join(' ')} · ${whoApproves(connection)}`}</VisibleText>
      </Text>
    </Stack>
  );
}
