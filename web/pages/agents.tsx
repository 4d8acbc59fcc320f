import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { AgentView } from '#shared/api-schemas.ts';
import { AdminsOnly } from '../components/admins-only.tsx';
import { AgentState } from '../components/agents/agent-state.tsx';
import rows from '../components/session-row.module.css';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import { agentsQuery } from '../data/agents.ts';
import { countText, runningOf } from '../util/agent-words.ts';
import { pages } from '../util/paths.ts';

/** The processes beside the resources that run commands. */
export function AgentsPage() {
  return (
    <Page title="Agents">
      <AdminsOnly do="keep agents">
        <Agents />
      </AdminsOnly>
    </Page>
  );
}

function Agents() {
  const { data, error, refetch } = useQuery(agentsQuery);
  const create = (
    <Button component={Link} href={pages.newAgent}>
      New agent
    </Button>
  );
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" style={{ flex: '1 1 16rem' }}>
          An agent runs beside a resource, dials in to hoop, and runs what was approved.
        </Text>
        {create}
      </Group>
      {error && !data && <Problem error={error} title="Agents cannot be shown" onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="agents" rows={3} />}
      {data?.length === 0 && <Empty action={create}>There is no agent yet, so nothing can run.</Empty>}
      {data && data.length > 0 && (
        <ul className={rows.list} aria-label="Agents">
          {data.map((agent) => (
            <li key={agent.id}>
              <AgentRow agent={agent} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function AgentRow({ agent }: { agent: AgentView }) {
  const hosts = agent.instances.map(({ hostname }) => hostname);
  const running = runningOf(agent).length;
  return (
    <Link href={pages.agent(agent.name)} className={rows.row}>
      <div className={rows.top}>
        <span className={rows.connection}>
          <VisibleText>{agent.name}</VisibleText>
        </span>
        <AgentState agent={agent} />
      </div>
      <div className={rows.about}>
        {hosts.length > 0 && (
          <>
            <VisibleText>{hosts.join(', ')}</VisibleText>
            {' · '}
          </>
        )}
        {running === 0 ? 'runs nothing' : `runs ${countText(running, 'command')}`}
        {' · '}
        {agent.connections.length === 0 ? 'no connection uses it' : countText(agent.connections.length, 'connection')}
      </div>
    </Link>
  );
}
