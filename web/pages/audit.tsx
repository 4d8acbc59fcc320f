import { Button, Group, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { AdminsOnly } from '../components/admins-only.tsx';
import { AuditFilters, auditFilterNames } from '../components/audit/audit-filters.tsx';
import { AuditRows } from '../components/audit/audit-rows.tsx';
import { VerifyCard } from '../components/audit/verify-card.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { useFetchMore } from '../data/fetch-more.ts';
import { auditQuery } from '../data/audit.ts';
import { useFilters } from '../util/use-filters.ts';

/** Who did what to what, newest first; the filter is in the address. */
export function AuditPage() {
  return (
    <Page title="Audit log">
      <AdminsOnly do="read the audit log">
        <Audit />
      </AdminsOnly>
    </Page>
  );
}

const names = [...auditFilterNames, 'row'] as const;
const noFilter = { actor: '', action: '', subject: '', since: '', until: '' };

function Audit() {
  const [{ row, ...filters }, change] = useFilters(names);
  const newest = row !== undefined && /^\d{1,15}$/.test(row) ? Number(row) : undefined;
  const list = auditQuery({ ...filters, ...(newest !== undefined && { before: newest + 1 }) });
  const log = useInfiniteQuery(list);
  const showOlder = useFetchMore(log, list.queryKey);
  const rows = log.data?.pages.flat() ?? [];

  return (
    <>
      <VerifyCard onShowRow={(broken) => change({ ...noFilter, row: String(broken) })} />
      <AuditFilters filters={filters} onChange={(changes) => change({ ...changes, row: '' })} />
      {newest !== undefined && (
        <Group gap="sm">
          <Text size="sm">{`From row ${newest} back.`}</Text>
          <Button variant="default" size="xs" onClick={() => change({ row: '' })}>
            Show the newest
          </Button>
        </Group>
      )}
      {log.isPending && !log.isError && <Loading what="the audit log" rows={6} />}
      {log.isError && !log.data && (
        <Problem error={log.error} title="The audit log cannot be shown" onRetry={() => void log.refetch()} />
      )}
      {log.data && rows.length === 0 && <Empty>No row fits all of this.</Empty>}
      {rows.length > 0 && <AuditRows rows={rows} />}
      {log.hasNextPage && (
        <Button variant="default" loading={log.isFetchingNextPage} onClick={showOlder} style={{ alignSelf: 'center' }}>
          Show older rows
        </Button>
      )}
    </>
  );
}
