import { Button, Group, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ConnectionView, SessionView } from '#shared/api-schemas.ts';
import { Section } from '../ui/section.tsx';
import { scriptLanguage } from '../util/script-language.ts';
import type { DraftInHand } from '../util/use-draft.ts';
import { useAsking } from '../util/use-asking.ts';
import { ArgumentRows } from './argument-rows.tsx';
import { ConnectionPicker } from './connection-picker.tsx';
import { ConnectionTerms } from './connection-terms.tsx';
import { KindSwitch } from './kind-switch.tsx';
import { OpenGrants } from './open-grants.tsx';
import { ScriptField } from './script-field.tsx';
import { AskingProblem } from './asking-problem.tsx';
import { VariableRows } from './variable-rows.tsx';

interface Props {
  connections: ConnectionView[];
  inHand: DraftInHand;
  /** It is about this connection and kind, and no other. */
  fixed?: boolean;
  onAsked: (session: SessionView) => void;
}

/** A request in the making: a script to run, or a grant under which terminals are opened. */
export function RunForm({ connections, inHand, fixed = false, onAsked }: Props) {
  const { draft, change, kept } = inHand;
  const { kind } = draft;
  const allowed = connections.filter(({ accessModes }) => accessModes.includes(kind));
  const connection = allowed.find(({ name }) => name === draft.connection);
  const asking = useAsking(inHand, connection, onAsked);
  const { problems } = asking;
  const form = useRef<HTMLFormElement>(null);
  const [refusals, setRefusals] = useState(0);
  const submit = () => {
    if (!asking.submit()) setRefusals((before) => before + 1);
  };
  useEffect(() => {
    if (refusals > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);
  const isExec = kind === 'exec';

  return (
    <form
      ref={form}
      aria-label={isExec ? 'Run a script' : 'Ask for a grant'}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="lg">
        {!fixed && (
          <Section title="Where">
            <KindSwitch value={kind} onChange={(next) => change({ kind: next })} />
            <ConnectionPicker
              connections={allowed}
              value={draft.connection}
              onChange={(name) => change({ connection: name })}
              error={problems.connection}
            />
            {connection && <ConnectionTerms connection={connection} kind={kind} />}
            {connection && !isExec && <OpenGrants connection={connection.name} />}
          </Section>
        )}
        <Section title={isExec ? 'What' : 'For how long'}>
          {isExec ? (
            <>
              <ScriptField
                draft={draft}
                onChange={change}
                language={connection ? scriptLanguage(connection.command) : null}
                mostBytes={connection?.maxInput ?? defaultInputBytes}
                error={problems.script}
                onSubmit={submit}
              />
              <ArgumentRows values={draft.args} onChange={(args) => change({ args })} error={problems.args} />
            </>
          ) : (
            <TextInput
              label="Duration"
              description={`From 1m to ${connection?.maxDuration ?? '48h'}; 30m where nothing is written.`}
              placeholder="30m"
              value={draft.duration}
              onChange={({ currentTarget }) => change({ duration: currentTarget.value })}
              error={problems.duration}
              maw={320}
            />
          )}
          <VariableRows values={draft.env} onChange={(env) => change({ env })} error={problems.env} />
          {isExec && (
            <TextInput
              label="Time limit"
              description={limitWords(connection)}
              placeholder="10m"
              value={draft.timeout}
              onChange={({ currentTarget }) => change({ timeout: currentTarget.value })}
              error={problems.timeout}
              maw={320}
            />
          )}
        </Section>
        <Section title="Why">
          <Textarea
            label="Reason"
            description={connection && reasonWords(connection)}
            value={draft.reason}
            onChange={({ currentTarget }) => change({ reason: currentTarget.value })}
            error={problems.reason}
            required={connection?.requireReason ?? false}
            autosize
            minRows={2}
            maxRows={6}
          />
        </Section>
        <AskingProblem asking={asking} />
        <Group gap="md">
          <Button type="submit" loading={asking.isPending}>
            {isExec ? 'Run' : 'Ask for a grant'}
          </Button>
          {!kept && (
            <Text size="sm" c="dimmed">
              This is too large to be kept when the page is loaded again.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** Until a connection is chosen. */
const defaultInputBytes = 8 * 1024 * 1024;

function reasonWords({ requireReason, reviewers }: ConnectionView): string {
  if (requireReason) return 'This connection asks for one.';
  return reviewers.length > 0 ? 'Reviewers read it.' : 'It is recorded with the session.';
}

function limitWords(connection: ConnectionView | undefined): string {
  if (!connection || connection.maxRuntime === '0s')
    return 'After which the command is ended; none where nothing is written.';
  return `After which the command is ended; ${connection.maxRuntime} where nothing is written, and at most.`;
}
