import { Button, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { FilterField } from '../../ui/filter-field.tsx';
import { auditExportPath } from '../../data/audit.ts';
import { fromLocalField, toLocalField } from '../../util/local-time.ts';

export const auditFilterNames = ['actor', 'action', 'subject', 'since', 'until'] as const;
type Filters = Partial<Record<(typeof auditFilterNames)[number], string>>;

interface Props {
  filters: Filters;
  onChange: (changes: Filters) => void;
}

/** Who, what, to what, when; and the rows of it as a file. */
export function AuditFilters({ filters, onChange }: Props) {
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Stack gap="sm" component="search" aria-label="Filter the audit log">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm" verticalSpacing="sm">
        <FilterField
          label="Who"
          placeholder="ann@example.com"
          value={filters.actor ?? ''}
          onChange={(actor) => onChange({ actor })}
        />
        <FilterField
          label="What"
          placeholder="session, user.create"
          value={filters.action ?? ''}
          onChange={(action) => onChange({ action })}
        />
        <FilterField
          label="To what"
          placeholder="a user, a connection, the id of a session"
          value={filters.subject ?? ''}
          onChange={(subject) => onChange({ subject })}
        />
        <TimeField label="Since" value={filters.since} onChange={(since) => onChange({ since })} />
        <TimeField label="Until" value={filters.until} onChange={(until) => onChange({ until })} />
        <Group gap="sm" align="flex-end">
          <Button component="a" href={auditExportPath(filters)} download variant="default">
            {isFiltered ? 'Export these rows' : 'Export all rows'}
          </Button>
          {isFiltered && (
            <Button
              variant="subtle"
              onClick={() => onChange({ actor: '', action: '', subject: '', since: '', until: '' })}
            >
              Show all
            </Button>
          )}
        </Group>
      </SimpleGrid>
    </Stack>
  );
}

interface TimeFieldProps {
  label: string;
  /** ISO time. */
  value: string | undefined;
  onChange: (iso: string) => void;
}

function TimeField({ label, value, onChange }: TimeFieldProps) {
  const shown = toLocalField(value);
  return (
    <TextInput
      key={shown}
      type="datetime-local"
      label={label}
      defaultValue={shown}
      // while it is typed a time is half of one
      onBlur={({ currentTarget }) => {
        if (currentTarget.value !== shown) onChange(fromLocalField(currentTarget.value));
      }}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Enter') currentTarget.blur();
      }}
    />
  );
}
