import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { ConnectionView, SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { useMe } from '../components/frame.tsx';
import { RunForm } from '../components/run-form.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { hasCode } from '../data/ask.ts';
import { targetsQuery } from '../data/run.ts';
import { sessionQuery } from '../data/sessions.ts';
import { pages } from '../util/paths.ts';
import { draftOf, emptyDraft } from '../util/run-draft.ts';
import { useDraft } from '../util/use-draft.ts';

/** A new request: written here, or taken over from an earlier session. */
export function RunPage() {
  const [search] = useSearchParams();
  const again = search.get('again');
  const connection = search.get('connection');
  return (
    <Page title="Run">
      {again === null ? <Fresh key="fresh" connection={connection} /> : <Again key={again} id={again} />}
    </Page>
  );
}

function Fresh({ connection }: { connection: string | null }) {
  return <WithTargets>{(connections) => <FreshForm connections={connections} chosen={connection} />}</WithTargets>;
}

function FreshForm({ connections, chosen }: { connections: ConnectionView[]; chosen: string | null }) {
  const inHand = useDraft(useMe().id, 'new', () => ({
    ...emptyDraft(chosen),
    ...(chosen !== null && choosing(connections, chosen, 'exec')),
  }));
  const onAsked = useOnAsked();
  const { draft, change } = inHand;
  // A link names the connection; what was written before stays.
  const [named, setNamed] = useState(draft.connection);
  if (chosen !== null && chosen !== named) {
    setNamed(chosen);
    change(choosing(connections, chosen, draft.kind));
  }
  return (
    <Stack gap="lg">
      {chosen !== null && !connections.some(({ name }) => name === chosen) && (
        <Alert color="orange">
          <Text size="sm">
            There is no connection <VisibleText>{chosen}</VisibleText>.
          </Text>
        </Alert>
      )}
      <RunForm connections={connections} inHand={inHand} onAsked={onAsked} />
    </Stack>
  );
}

/** One that allows terminals only is chosen for a terminal. */
function choosing(connections: ConnectionView[], name: string, kind: 'exec' | 'connect') {
  const modes = connections.find((connection) => connection.name === name)?.accessModes ?? [];
  return { connection: name, kind: modes.includes(kind) || modes.length === 0 ? kind : other[kind] };
}

const other = { exec: 'connect', connect: 'exec' } as const;

function Again({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(sessionQuery(id));
  if (data) return <WithTargets>{(connections) => <AgainForm connections={connections} session={data} />}</WithTargets>;
  if (error && hasCode(error, 'not_found', 'invalid_input')) {
    return <Empty>There is no session with this id, or it is not one that you may see.</Empty>;
  }
  return error ? (
    <Problem error={error} onRetry={() => void refetch()} />
  ) : (
    <Loading what="the earlier session" rows={4} />
  );
}

function AgainForm({ connections, session }: { connections: ConnectionView[]; session: SessionDetail }) {
  const inHand = useDraft(useMe().id, session.id, () => draftOf(session));
  const onAsked = useOnAsked();
  const isThere = connections.some(({ name }) => name === session.connection);
  return (
    <Stack gap="lg">
      <Alert color="blue">
        <Text size="sm">
          A new request with what{' '}
          <Anchor component={Link} href={pages.session(session.id)} inherit>
            {`the session ${session.id.slice(0, 8)}`}
          </Anchor>{' '}
          of {session.requester.email} had, <When at={session.createdAt} />. It is reviewed like any other.
          {!isThere && ' Its connection is not there any more: choose another one.'}
        </Text>
      </Alert>
      <RunForm connections={connections} inHand={inHand} onAsked={onAsked} />
    </Stack>
  );
}

function useOnAsked(): (session: SessionView) => void {
  const [, navigate] = useLocation();
  return ({ id, kind, connection }) => {
    if (kind === 'exec') navigate(pages.session(id));
    else navigate(pages.connect(connection), { state: { asked: id } });
  };
}

function WithTargets({ children }: { children: (connections: ConnectionView[]) => React.ReactNode }) {
  const { data, error, refetch } = useQuery(targetsQuery);
  const me = useMe();
  if (data && data.length === 0) {
    return (
      <Empty>
        {me.admin
          ? 'There is no connection yet. Create one first.'
          : 'There is no connection yet. Ask an admin of hoop to create one.'}
      </Empty>
    );
  }
  if (data) return children(data);
  return error ? (
    <Problem error={error} title="Connections cannot be shown" onRetry={() => void refetch()} />
  ) : (
    <Loading what="connections" rows={4} />
  );
}
