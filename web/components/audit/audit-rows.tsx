import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { AuditRow } from '#shared/audit-schemas.ts';
import { Cell, DataTable } from '../../ui/data-table.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { pages } from '../../util/paths.ts';
import { absoluteTime } from '../../util/time.ts';
import { AuditDetails } from './audit-details.tsx';

/** Newest first. Who and what filter by themselves; what it was done to leads to its page. */
export function AuditRows({ rows }: { rows: AuditRow[] }) {
  return (
    <DataTable label="Audit log" headings={['When', 'Who', 'What', 'To what', 'Details']}>
      {rows.map((row) => (
        <tr key={row.id}>
          <Cell heading="When" kind="short">
            <Stack gap={0}>
              <time dateTime={row.at} title={row.at}>
                {absoluteTime(row.at)}
              </time>
              <Text span size="xs" c="dimmed">{`row ${row.id}`}</Text>
            </Stack>
          </Cell>
          <Cell heading="Who" kind="name">
            <Filtered href={pages.audit({ actor: row.actor })} text={row.actor} />
          </Cell>
          <Cell heading="What" kind="short">
            <Filtered href={pages.audit({ action: row.action })} text={row.action} />
          </Cell>
          <Cell heading="To what">
            <Subject subject={row.subject} />
          </Cell>
          <Cell heading="Details">
            <AuditDetails details={row.details} />
          </Cell>
        </tr>
      ))}
    </DataTable>
  );
}

function Filtered({ href, text }: { href: string; text: string }) {
  return (
    <Anchor component={Link} href={href} size="sm" title={`Only rows with ${text}`}>
      <VisibleText>{text}</VisibleText>
    </Anchor>
  );
}

/** What there is a page for. */
function pageOf(subject: string): string | null {
  const at = subject.indexOf(':');
  const [kind, name] = [subject.slice(0, at), subject.slice(at + 1)];
  if (kind === 'session') return pages.session(name);
  if (kind === 'user') return pages.users({ user: name });
  if (kind === 'connection') return pages.connection(name);
  if (kind === 'agent') return pages.agent(name);
  return null;
}

function Subject({ subject }: { subject: string }) {
  const page = pageOf(subject);
  const filter = pages.audit({ subject });
  if (page === null) return <Filtered href={filter} text={subject} />;
  return (
    <Stack gap={0} align="flex-start">
      <Anchor component={Link} href={page} size="sm">
        <VisibleText>{subject}</VisibleText>
      </Anchor>
      <Anchor component={Link} href={filter} size="xs" c="dimmed" aria-label={`only these: ${subject}`}>
        only these
      </Anchor>
    </Stack>
  );
}
