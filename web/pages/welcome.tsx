import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { FirstRunView } from '#shared/first-run-schemas.ts';
import { FirstRunStep } from '../components/first-run-step.tsx';
import { useMe } from '../components/frame.tsx';
import { firstRunQuery } from '../data/first-run.ts';
import { CopyBlock } from '../ui/copy-block.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { firstCommand, firstRunSteps, type Step, type StepName } from '../util/first-run-steps.ts';
import { pages } from '../util/paths.ts';
import { NotFoundPage } from './not-found.tsx';

/** From an empty installation to the output of a first command. */
export function WelcomePage() {
  const me = useMe();
  const firstRun = useQuery({ ...firstRunQuery, enabled: me.admin });
  if (!me.admin) return <NotFoundPage />;
  return (
    <Page title="First steps">
      {firstRun.isPending && <Loading what="the first steps" rows={4} />}
      {firstRun.isError && !firstRun.data && (
        <Problem error={firstRun.error} title="They cannot be shown" onRetry={() => void firstRun.refetch()} />
      )}
      {firstRun.data && <Steps view={firstRun.data} />}
    </Page>
  );
}

function Steps({ view }: { view: FirstRunView }) {
  const steps = firstRunSteps(view);
  return (
    <Stack gap="md">
      <Text>
        {view.finished
          ? 'hoop is set up, and a first command ran. Connections, people and all else are in the menu.'
          : 'hoop runs commands on machines that nobody needs a key to, once the right people said yes. Four steps to the first one; this page follows as they are done.'}
      </Text>
      <Stack component="ol" gap="md" m={0} p={0} style={{ listStyle: 'none' }}>
        {steps.map((step, at) => (
          <FirstRunStep key={step.name} step={step} number={at + 1}>
            {bodies[step.name](view, step)}
          </FirstRunStep>
        ))}
      </Stack>
    </Stack>
  );
}

const bodies: Readonly<Record<StepName, (view: FirstRunView, step: Step) => ReactNode>> = {
  agent: (view, step) =>
    step.state !== 'done' && (
      <>
        <Text size="sm">
          Agents run the commands. Make one and start it on the machine where commands are to run; it dials out to this
          gateway, so the machine needs no open port.
        </Text>
        <Actions>
          <StepLink step={step} href={view.agent ? pages.agents : pages.newAgent}>
            {view.agent ? 'Open agents' : 'Make an agent'}
          </StepLink>
        </Actions>
      </>
    ),
  connection: (view, step) =>
    step.state !== 'done' && (
      <>
        <Text size="sm">
          A connection is what people ask to use: a command on an agent, such as bash or psql, and the groups that must
          say yes. Nobody approves their own request: to try alone, leave the reviewers out, and it runs at once.
        </Text>
        {view.agent && (
          <CopyBlock
            label="the command that makes a connection"
            text={`hoop admin create conn bash --agent ${view.agent.name} -- bash`}
          />
        )}
        <Actions>
          <StepLink step={step} href={pages.newConnection}>
            Make a connection
          </StepLink>
        </Actions>
      </>
    ),
  slack: (view, step) =>
    step.state !== 'done' && (
      <>
        <Text size="sm">
          Reviewers are asked in Slack and answer there. It can wait: requests are decided in this console and on the
          command line too.
        </Text>
        <Actions>
          <StepLink step={step} href={pages.slack}>
            {view.slack ? 'Open Slack' : 'Connect Slack'}
          </StepLink>
        </Actions>
      </>
    ),
  exec: ({ connection, lastSession, finished }, step) => (
    <>
      {connection && step.state === 'next' && (
        <>
          <Text size="sm">
            From here, or in a terminal (<code>{`hoop login --api-url ${window.location.origin}`}</code> signs it in):
          </Text>
          <CopyBlock label="the first command" text={firstCommand(connection)} />
        </>
      )}
      <Actions>
        {connection && step.state === 'next' && (
          <StepLink step={step} href={pages.run({ connection: connection.name })}>
            Run it here
          </StepLink>
        )}
        {(finished ?? lastSession) && (
          <Button component={Link} href={pages.session((finished ?? lastSession)!.id)} variant="default" size="xs">
            {finished ? 'See its output' : 'Open the last request'}
          </Button>
        )}
      </Actions>
    </>
  ),
};

const Actions = ({ children }: { children: ReactNode }) => <Group gap="xs">{children}</Group>;

function StepLink({ step, href, children }: { step: Step; href: string; children: ReactNode }) {
  return (
    <Button component={Link} href={href} size="xs" variant={step.state === 'next' ? 'filled' : 'default'}>
      {children}
    </Button>
  );
}
