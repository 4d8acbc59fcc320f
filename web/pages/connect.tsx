import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useHistoryState } from 'wouter/use-browser-location';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { ConnectionTerms } from '../components/connection-terms.tsx';
import { useMe } from '../components/frame.tsx';
import { GrantPanel } from '../components/grant-panel.tsx';
import { RunForm } from '../components/run-form.tsx';
import { TerminalsSection } from '../components/terminals-section.tsx';
import { Loading } from '../ui/loading.tsx';
import { PageTitle } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Section } from '../ui/section.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { ownGrantsQuery, targetsQuery } from '../data/run.ts';
import type { PageProps } from '../routes.tsx';
import { emptyDraft } from '../util/run-draft.ts';
import { isGrant } from '../util/session-words.ts';
import { useDraft } from '../util/use-draft.ts';

/** Terminals on one connection: the grant they are opened under, and the terminals themselves. */
export function ConnectPage({ params: { connection = '', session } }: PageProps) {
  const { data, error, refetch } = useQuery(targetsQuery);
  const found = data?.find(({ name }) => name === connection);
  return (
    <Stack gap="lg">
      <PageTitle title={`Terminals on ${connection}`}>
        Terminals on <VisibleText>{connection}</VisibleText>
      </PageTitle>
      {found ? (
        <OnConnection key={connection} connection={found} chosen={session ?? null} />
      ) : data ? (
        <Text>There is no such connection.</Text>
      ) : error ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : (
        <Loading what="the connection" rows={4} />
      )}
    </Stack>
  );
}

function OnConnection({ connection, chosen }: { connection: ConnectionView; chosen: string | null }) {
  const { data, error, refetch } = useQuery(ownGrantsQuery(connection.name));
  const grants = data?.filter(isGrant) ?? [];
  const grant = grants.find(({ state }) => state === 'active') ?? grants[0] ?? null;
  const extensions = data?.filter((session) => session.grant !== null && session.grant === grant?.id) ?? [];
  // asked for a moment ago, on the page before
  const asked = useHistoryState<{ asked?: string } | null>()?.asked;

  if (!data) {
    if (error) return <Problem error={error} title="Your grants cannot be shown" onRetry={() => void refetch()} />;
    return <Loading what="your grants" rows={4} />;
  }
  return (
    <>
      {grant && <GrantPanel connection={connection} grant={grant} extensions={extensions} />}
      <TerminalsSection connection={connection} grant={grant} chosen={chosen} asked={asked ?? null} />
      {!grant && <AskForGrant connection={connection} />}
    </>
  );
}

function AskForGrant({ connection }: { connection: ConnectionView }) {
  const inHand = useDraft(useMe().id, `connect.${connection.name}`, () => emptyDraft(connection.name, 'connect'));
  if (!connection.accessModes.includes('connect')) {
    return <Text>{`${connection.name} has no terminals: commands and scripts are run on it.`}</Text>;
  }
  return (
    <>
      <Section title="Ask for a grant">
        <Text size="sm">For as long as it lasts you open terminals here without another review.</Text>
        <ConnectionTerms connection={connection} kind="connect" />
      </Section>
      <RunForm connections={[connection]} inHand={inHand} fixed onAsked={() => undefined} />
    </>
  );
}
