import { Alert, Stack, Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { Argv } from '../ui/argv.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { Online } from '../ui/online.tsx';
import { Section } from '../ui/section.tsx';
import { Mono, VisibleText } from '../ui/visible-text.tsx';
import { formatBytes } from '../util/bytes.ts';
import { readScript } from '../util/read-script.ts';
import { scriptLanguage } from '../util/script-language.ts';
import { ChangeFacts } from './change-facts.tsx';

interface Props {
  session: SessionDetail;
  /** Whether a very long input is shown to its end. */
  whole: boolean;
  onWhole: () => void;
  /** Stands where all of it was read. */
  end?: ReactNode;
}

/** Everything that is approved, whole: what runs, with what input and environment, and where. */
export function EnvelopeCard({ session, whole, onWhole, end }: Props) {
  const isGrant = session.kind === 'connect';
  return (
    <Section title={isGrant ? 'What runs under it' : session.startedAt ? 'What ran' : 'What would run'}>
      <ChangeFacts session={session} />
      <EnvelopeFacts session={session} />
      <ScriptBlock session={session} whole={whole} onWhole={onWhole} end={end} />
    </Section>
  );
}

export function EnvelopeFacts({ session }: { session: SessionDetail }) {
  const { envelope, agent, kind } = session;
  const env = Object.entries(envelope.env);
  return (
    <Facts>
      <Fact name={kind === 'connect' ? 'Every command begins with' : 'Command'}>
        <Argv values={envelope.command} label="Command" />
      </Fact>
      {envelope.args.length > 0 && (
        <Fact name="Arguments">
          <Argv values={envelope.args} label="Arguments" />
        </Fact>
      )}
      {env.length > 0 && (
        <Fact name="Environment">
          <Argv values={env.map(([name, value]) => `${name}=${value}`)} label="Environment" />
        </Fact>
      )}
      <Fact name="Connection">
        <Mono>{session.connection}</Mono>, version {envelope.connectionVersion}
      </Fact>
      {envelope.connectionEnvNames.length > 0 && (
        <Fact name="Connection sets">
          <Argv values={envelope.connectionEnvNames} label="Variables of the connection" />
          <Text size="xs" c="dimmed" mt={4}>
            Names only: the values stay with the connection.
          </Text>
        </Fact>
      )}
      <Fact name="Agent">
        <Mono>{agent.name}</Mono>, <Online online={agent.online} />
      </Fact>
      {envelope.runAs !== null && (
        <Fact name="Runs as">
          user <Mono>{envelope.runAs}</Mono>
        </Fact>
      )}
      {envelope.terminal !== null && (
        <Fact name="Terminal">
          <Mono>{envelope.terminal.type}</Mono>, {envelope.terminal.columns} by {envelope.terminal.rows} at first
        </Fact>
      )}
      <Fact name="Limits">{limitsText(envelope)}</Fact>
    </Facts>
  );
}

function limitsText({ maxRuntimeSeconds, maxOutputBytes, idleSeconds }: SessionDetail['envelope']): string {
  return [
    ...(maxRuntimeSeconds > 0 ? [`runs ${formatDuration(maxRuntimeSeconds)} at most`] : []),
    `${formatBytes(maxOutputBytes)} of output`,
    ...(idleSeconds > 0 ? [`ended after ${formatDuration(idleSeconds)} without input or output`] : []),
  ].join('; ');
}

/** The standard input, or what takes its place in a grant. */
export function ScriptBlock({ session, whole, onWhole, end }: Props) {
  const { envelope, kind } = session;
  const { script, scriptEncoding } = envelope;
  const { text, hidden, binary, size, dumped } = useMemo(
    () => readScript(script, scriptEncoding),
    [script, scriptEncoding],
  );
  if (kind === 'connect') {
    return (
      <div>
        <Text size="sm" c="dimmed">
          What follows in each command, and its standard input, is not known beforehand and needs no further review.
        </Text>
        {end}
      </div>
    );
  }
  if (size === 0) {
    return (
      <div>
        <Text size="sm" c="dimmed">
          Nothing is given to it on standard input.
        </Text>
        {end}
      </div>
    );
  }
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        Standard input{' '}
        <Text span inherit c="dimmed" fw={400}>
          {binary
            ? `(${formatBytes(size)}, not text${size > dumped ? `; the first ${formatBytes(dumped)} of it` : ''})`
            : `(${formatBytes(size)})`}
        </Text>
      </Text>
      {hidden > 0 && (
        <Alert color="red" p="xs">
          {hidden === 1
            ? 'It has a character that would not be visible; it is shown by its number, as '
            : `It has ${hidden} characters that would not be visible; they are shown by their numbers, as `}
          <VisibleText>{'\u200b'}</VisibleText>.
        </Alert>
      )}
      <CodeBlock
        code={text}
        label="Standard input"
        language={binary ? null : scriptLanguage([...envelope.command, ...envelope.args])}
        whole={whole}
        onWhole={onWhole}
        end={end}
      />
    </Stack>
  );
}
