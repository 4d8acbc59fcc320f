import { Button, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { AdminsOnly } from '../components/admins-only.tsx';
import { ConnectionForm } from '../components/connections/connection-form.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Trail } from '../ui/trail.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { hasCode } from '../data/ask.ts';
import { connectionDeleted, connectionQuery, deleteConnection } from '../data/connections.ts';
import { pages } from '../util/paths.ts';

const crumbs = (label: string) => <Trail steps={[{ label: 'Connections', href: pages.connections }, { label }]} />;

export function NewConnectionPage() {
  const [, go] = useLocation();
  return (
    <Page title="New connection">
      {crumbs('New')}
      <AdminsOnly do="make connections">
        <ConnectionForm view={null} onSaved={({ name }) => go(pages.connection(name))} />
      </AdminsOnly>
    </Page>
  );
}

/** One connection: all that is set of it, to be changed. */
export function ConnectionPage({ name }: { name: string }) {
  return (
    <Page title={name}>
      {crumbs(name)}
      <AdminsOnly do="change connections">
        <Connection name={name} />
      </AdminsOnly>
    </Page>
  );
}

function Connection({ name }: { name: string }) {
  const { data, error, refetch } = useQuery(connectionQuery(name));
  if (error && hasCode(error, 'not_found')) {
    return <Text>{data ? 'This connection was deleted.' : 'There is no connection of this name.'}</Text>;
  }
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what="the connection" rows={5} />;
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {`Version ${data.version}, changed `}
          <When at={data.updatedAt} />
        </Text>
        <DeleteButton connection={data} />
      </Group>
      <ConnectionForm view={data} onSaved={() => undefined} />
    </>
  );
}

function DeleteButton({ connection: { name } }: { connection: ConnectionView }) {
  const [isOpen, setOpen] = useState(false);
  const [, go] = useLocation();
  const client = useQueryClient();
  return (
    <>
      <Button variant="default" size="xs" c="var(--hoop-bad)" onClick={() => setOpen(true)}>
        Delete
      </Button>
      {isOpen && (
        <ConfirmDialog
          title={`Delete the connection ${name}?`}
          submit="Delete it"
          act={() => deleteConnection(name)}
          onClose={() => setOpen(false)}
          onDone={() => {
            go(pages.connections);
            connectionDeleted(client, name);
          }}
        >
          <Text size="sm">
            Nobody can ask to run anything on <VisibleText>{name}</VisibleText> any more. Requests that wait on it end
            as failed, and who asked is told. A command that runs goes on, and all of its sessions stay as a record.
          </Text>
        </ConfirmDialog>
      )}
    </>
  );
}
