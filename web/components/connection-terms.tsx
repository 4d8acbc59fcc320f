import { Alert, Stack, Text } from '@mantine/core';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { policySentence } from '#shared/policy-sentence.ts';
import type { SessionKind } from '#shared/session-states.ts';
import { Argv } from '../ui/argv.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { Online } from '../ui/online.tsx';
import { VisibleText } from '../ui/visible-text.tsx';

/** What will run, where, and what has to happen before: for whoever is about to ask. */
export function ConnectionTerms({ connection, kind }: { connection: ConnectionView; kind: SessionKind }) {
  const { command, agent, agentOnline, runAs, expire, envNames } = connection;
  const warnings = warningsOf(connection);
  return (
    <Stack gap="sm">
      <Facts>
        <Fact name="Command">
          <Argv values={command} label="Command" />
        </Fact>
        <Fact name="Agent">
          <VisibleText>{agent}</VisibleText> (<Online online={agentOnline} />
          {runAs !== null && (
            <>
              ; as user <VisibleText>{runAs}</VisibleText>
            </>
          )}
          )
        </Fact>
        <Fact name="Review">{policySentence(connection)}</Fact>
        {envNames.length > 0 && (
          <Fact name="Variables it sets">
            <VisibleText>{envNames.join(', ')}</VisibleText>
          </Fact>
        )}
      </Facts>
      {!agentOnline && (
        <Alert color="orange" title={`The agent ${agent} is offline`}>
          <Text size="sm">
            {kind === 'exec'
              ? `What you ask for waits until it is back, for ${expire} at most.`
              : 'You can ask for a grant; a terminal opens once the agent is back.'}
          </Text>
        </Alert>
      )}
      {warnings.map((warning) => (
        <Alert key={warning} color="orange">
          <Text size="sm">
            <VisibleText>{warning}</VisibleText>
          </Text>
        </Alert>
      ))}
    </Stack>
  );
}

const generalWarning = 'Nobody can complete a review today';

/** What holds for whoever looks says it better than what holds for everybody. */
function warningsOf({ whyNobody, warnings }: ConnectionView): string[] {
  if (whyNobody === undefined) return warnings;
  const others = warnings.filter((warning) => !warning.startsWith(generalWarning));
  return [`Nobody could approve this today: ${whyNobody}.`, ...others];
}
