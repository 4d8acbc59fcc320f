import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { AdminsOnly } from '../components/admins-only.tsx';
import { StartAgent } from '../components/agents/start-agent.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Section } from '../ui/section.tsx';
import { Trail } from '../ui/trail.tsx';
import { hasCode, messageOf } from '../data/ask.ts';
import { agentsQuery, createAgent } from '../data/agents.ts';
import { pages } from '../util/paths.ts';

/** A new agent: its name, then its token and how to start it, until it is there. */
export function NewAgentPage() {
  return (
    <Page title="New agent">
      <Trail steps={[{ label: 'Agents', href: pages.agents }, { label: 'New' }]} />
      <AdminsOnly do="make agents">
        <NewAgent />
      </AdminsOnly>
    </Page>
  );
}

function NewAgent() {
  const [name, setName] = useState('');
  const client = useQueryClient();
  const creating = useMutation({
    mutationFn: () => createAgent(name.trim()),
    onSuccess: () => void client.invalidateQueries({ queryKey: agentsQuery.queryKey }),
  });
  const { data: made, error } = creating;
  if (made?.token !== undefined) {
    return (
      <Stack>
        <StartAgent name={made.name} token={made.token} gatewayUrl={made.gatewayUrl} known={[]} />
        <Text size="sm">
          <Anchor component={Link} href={pages.agent(made.name)}>
            {`The page of ${made.name}`}
          </Anchor>
          {' · '}
          <Anchor component={Link} href={pages.newConnection}>
            Make a connection that it runs
          </Anchor>
        </Text>
      </Stack>
    );
  }
  const ofName = hasCode(error, 'name_taken', 'invalid_input');
  return (
    <Section title="Name">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          creating.mutate();
        }}
      >
        <Stack align="flex-start">
          <TextInput
            label="Name of the agent"
            description="Such as the network it is in. Small letters, digits, . _ and -."
            value={name}
            error={ofName ? refusalText(error) : undefined}
            onChange={({ currentTarget }) => {
              setName(currentTarget.value);
              if (creating.isError) creating.reset();
            }}
            spellCheck={false}
            autoCapitalize="none"
            w="100%"
            maw={400}
            required
          />
          {error && !ofName && <Problem error={error} />}
          <Button type="submit" loading={creating.isPending}>
            Create the agent
          </Button>
        </Stack>
      </form>
    </Section>
  );
}

/** The gateway's words, without what they say of the command line. */
const refusalText = (error: unknown): string =>
  hasCode(error, 'name_taken')
    ? 'There is an agent of this name already; its page gives it a new token.'
    : messageOf(error).replace(/^name: /, '');
