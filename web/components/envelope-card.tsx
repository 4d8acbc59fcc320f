import { Alert, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { Argv } from '../ui/argv.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { Online } from '../ui/online.tsx';
import { Section } from '../ui/section.tsx';
import { TextBlock } from '../ui/text-block.tsx';
import { Mono, VisibleText } from '../ui/visible-text.tsx';
import { formatBytes, fromBase64, hexDump, utf8OrNull } from '../util/bytes.ts';
import { countHidden } from '../util/visible-text.ts';

/** Of input that is no text; nobody reads more of it. */
const dumpedBytes = 256 * 1024;

/** Everything that is approved, whole: what runs, with what input and environment, and where. */
export function EnvelopeCard({ session }: { session: SessionDetail }) {
  const { envelope, agent } = session;
  const isGrant = session.kind === 'connect';
  const env = Object.entries(envelope.env);
  return (
    <Section title={isGrant ? 'What runs under it' : session.startedAt ? 'What ran' : 'What would run'}>
      <Facts>
        <Fact name={isGrant ? 'Every command begins with' : 'Command'}>
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
      </Facts>
      {isGrant ? (
        <Text size="sm" c="dimmed">
          What follows in each command, and its standard input, is not known beforehand and needs no further review.
        </Text>
      ) : (
        <Script envelope={envelope} />
      )}
    </Section>
  );
}

function Script({ envelope: { script, scriptEncoding } }: Pick<SessionDetail, 'envelope'>) {
  const { text, hidden, binary, size } = useMemo(() => readScript(script, scriptEncoding), [script, scriptEncoding]);
  if (size === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing is given to it on standard input.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        Standard input{' '}
        <Text span inherit c="dimmed" fw={400}>
          {binary
            ? `(${formatBytes(size)}, not text${size > dumpedBytes ? `; the first ${formatBytes(dumpedBytes)} of it` : ''})`
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
      <TextBlock text={text} label="Standard input" />
    </Stack>
  );
}

function readScript(script: string, encoding: 'utf8' | 'base64') {
  const bytes = encoding === 'base64' ? fromBase64(script) : new TextEncoder().encode(script);
  const text = encoding === 'base64' ? utf8OrNull(bytes) : script;
  const size = bytes.length;
  if (text === null) return { text: hexDump(bytes.subarray(0, dumpedBytes)), hidden: 0, binary: true, size };
  return { text, hidden: countHidden(text), binary: false, size };
}
