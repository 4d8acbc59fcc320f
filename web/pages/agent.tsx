import { Anchor, Button, Group, List, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { AgentView } from '#shared/api-schemas.ts';
import { AdminsOnly } from '../components/admins-only.tsx';
import { AgentState } from '../components/agents/agent-state.tsx';
import { InstanceCard } from '../components/agents/instance-card.tsx';
import { StartAgent } from '../components/agents/start-agent.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Section } from '../ui/section.tsx';
import { Trail } from '../ui/trail.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { hasCode, messageOf } from '../data/ask.ts';
import {
  agentQuery,
  agentsQuery,
  deleteAgent,
  limitAgent,
  renewAgentToken,
  type AgentCreated,
} from '../data/agents.ts';
import { pages } from '../util/paths.ts';

/** One agent: where it runs, what it runs, which connections need it. */
export function AgentPage({ name }: { name: string }) {
  return (
    <Page title={name}>
      <Trail steps={[{ label: 'Agents', href: pages.agents }, { label: name }]} />
      <AdminsOnly do="keep agents">
        <Agent name={name} />
      </AdminsOnly>
    </Page>
  );
}

function Agent({ name }: { name: string }) {
  const { data, error, refetch } = useQuery(agentQuery(name));
  const [renewed, setRenewed] = useState<{ agent: AgentCreated; known: string[] } | null>(null);
  if (error && hasCode(error, 'not_found')) {
    return <Text>{data ? 'This agent was deleted.' : 'There is no agent of this name.'}</Text>;
  }
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading what="the agent" rows={3} />;
  return (
    <>
      <Group justify="space-between">
        <AgentState agent={data} />
        <Group gap="xs">
          <NewToken agent={data} onRenewed={setRenewed} />
          <Delete agent={data} />
        </Group>
      </Group>
      {renewed?.agent.token !== undefined && (
        <StartAgent
          name={name}
          token={renewed.agent.token}
          gatewayUrl={renewed.agent.gatewayUrl}
          known={renewed.known}
        />
      )}
      <Section title="Instances">
        {data.instances.length === 0 && <Empty>It has never connected. Start it with its token.</Empty>}
        {data.instances.map((instance) => (
          <InstanceCard key={instance.id} instance={instance} />
        ))}
      </Section>
      <Section title="Connections that it runs">
        {data.connections.length === 0 ? (
          <Empty>None yet.</Empty>
        ) : (
          <List size="sm">
            {data.connections.map((connection) => (
              <List.Item key={connection}>
                <Anchor component={Link} href={pages.connection(connection)} size="sm">
                  {connection}
                </Anchor>
              </List.Item>
            ))}
          </List>
        )}
      </Section>
      <Limit agent={data} />
    </>
  );
}

function Limit({ agent: { name, maxRuns } }: { agent: AgentView }) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? String(maxRuns);
  const client = useQueryClient();
  const isNumber = /^\d{1,6}$/.test(text.trim());
  const saving = useMutation({
    mutationFn: () => limitAgent(name, Number(text)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: agentQuery(name).queryKey });
      setTyped(null);
    },
  });
  const error = !isNumber
    ? 'Write a whole number, such as 4.'
    : saving.isError
      ? messageOf(saving.error).replace(/^maxRuns: /, '')
      : undefined;
  return (
    <Section title="Limit">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isNumber) saving.mutate();
        }}
      >
        <Group align="flex-end" gap="sm">
          <TextInput
            label="Commands at once, on each instance"
            description="Others wait for their turn; 0: no limit."
            value={text}
            error={error}
            inputMode="numeric"
            onChange={({ currentTarget }) => {
              setTyped(currentTarget.value);
              saving.reset();
            }}
            maw={320}
          />
          <Button type="submit" variant="default" loading={saving.isPending}>
            Save
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {saving.isSuccess ? 'Saved.' : ''}
          </Text>
        </Group>
      </form>
    </Section>
  );
}

interface NewTokenProps {
  agent: AgentView;
  onRenewed: (renewed: { agent: AgentCreated; known: string[] }) => void;
}

function NewToken({ agent: { name, instances }, onRenewed }: NewTokenProps) {
  const [isOpen, setOpen] = useState(false);
  const renew = async () => {
    onRenewed({ agent: await renewAgentToken(name), known: instances.map(({ id }) => id) });
  };
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setOpen(true)}>
        New token
      </Button>
      {isOpen && (
        <ConfirmDialog
          title={`A new token for ${name}?`}
          submit="Make a new token"
          color="indigo"
          act={renew}
          onClose={() => setOpen(false)}
          onDone={() => setOpen(false)}
        >
          <Text size="sm">
            The token before enrols no machine any more.{' '}
            {instances.length > 0
              ? 'Instances that have connected once go on with keys of their own: nothing that runs is interrupted.'
              : 'No machine has enrolled with it yet.'}
          </Text>
        </ConfirmDialog>
      )}
    </>
  );
}

function Delete({ agent: { name, connections, online } }: { agent: AgentView }) {
  const [isOpen, setOpen] = useState(false);
  const [, go] = useLocation();
  const client = useQueryClient();
  const isUsed = connections.length > 0;
  return (
    <Stack gap={0}>
      <ActionButton
        label="Delete"
        variant="default"
        size="xs"
        c="var(--hoop-bad)"
        refusedBy={isUsed ? 'delete-refused' : undefined}
        onClick={() => setOpen(true)}
      />
      {isUsed && (
        <Text size="xs" c="dimmed" id="delete-refused">
          Its connections need it.
        </Text>
      )}
      {isOpen && (
        <ConfirmDialog
          title={`Delete the agent ${name}?`}
          submit="Delete it"
          act={() => deleteAgent(name)}
          onClose={() => setOpen(false)}
          onDone={() => {
            go(pages.agents);
            client.removeQueries({ queryKey: agentQuery(name).queryKey });
            void client.invalidateQueries({ queryKey: agentsQuery.queryKey });
          }}
        >
          <Text size="sm">
            <VisibleText>{name}</VisibleText> and the keys of its machines are forgotten.{' '}
            {online && 'It is connected now, and is cut off. '}
            To have it back, make it anew and start it with its new token.
          </Text>
        </ConfirmDialog>
      )}
    </Stack>
  );
}
