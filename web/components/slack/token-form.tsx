import { Alert, Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, type FormEvent } from 'react';
import type { PluginView } from '#shared/api-schemas.ts';
import { Lines } from '../../ui/lines.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Section } from '../../ui/section.tsx';
import { When } from '../../ui/when.tsx';
import { hasCode, messageOf } from '../../data/ask.ts';
import { saveSlackTokens, slackSaved, slackTokens, type SlackToken } from '../../data/slack.ts';
import { tokenProblems, type TokenProblems } from '../../util/token-problems.ts';

interface Words {
  label: string;
  place: string;
  begins: string;
}

const words: Readonly<Record<SlackToken, Words>> = {
  SLACK_BOT_TOKEN: { label: 'Bot token', place: 'OAuth & Permissions > Bot User OAuth Token', begins: 'xoxb-' },
  SLACK_APP_TOKEN: { label: 'App-level token', place: 'Basic Information > App-Level Tokens', begins: 'xapp-' },
};

/** Both tokens, which go to the gateway and never come back; one may be changed without the other. */
export function TokenForm({ plugin }: { plugin: PluginView | null }) {
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const fields = useRef<Partial<Record<SlackToken, HTMLInputElement | null>>>({});
  // The fields keep what is typed to themselves: it is in no state, no attribute, and no memory of the mutation.
  const typed = () =>
    slackTokens.flatMap((token) => {
      const value = fields.current[token]?.value.trim() ?? '';
      return value === '' ? [] : [[token, value] as const];
    });
  const saving = useMutation({
    mutationFn: async (): Promise<PluginView | null> => {
      const config = Object.fromEntries(typed());
      return plugin !== null && Object.keys(config).length === 0 ? null : saveSlackTokens(config);
    },
    onSuccess: (saved) => {
      if (saved === null) return;
      form.current?.reset();
      slackSaved(client, saved);
    },
    onError: (error) => {
      const wrong = problemsOf(error);
      const first = slackTokens.find((token) => wrong[token] !== undefined);
      if (first) fields.current[first]?.focus();
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending) saving.mutate();
  };

  const problems: TokenProblems = saving.isError ? problemsOf(saving.error) : {};
  return (
    <Section title="Tokens">
      <form ref={form} onSubmit={submit} aria-label="Tokens of the Slack app" noValidate>
        <Stack gap="sm" maw={620}>
          <Text size="sm" c="dimmed">
            Verified with Slack before anything is saved, and never shown again.
            {plugin !== null && ' A field that stays empty changes nothing.'}
          </Text>
          {slackTokens.map((token) => (
            <TokenField
              key={token}
              token={token}
              setAt={plugin?.configuredAt[token] ?? null}
              isSet={plugin?.configured.includes(token) ?? false}
              problem={problems[token]}
              ref={(input) => void (fields.current[token] = input)}
            />
          ))}
          {problems.other !== undefined && (
            <Problem error={saving.error} title={titleOf(saving.error)}>
              <Lines text={problems.other} />
            </Problem>
          )}
          {saving.isSuccess && <Said saved={saving.data} />}
          <Group>
            <Button type="submit" loading={saving.isPending}>
              {plugin === null ? 'Verify and connect' : 'Verify and save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

const problemsOf = (error: unknown): TokenProblems =>
  hasCode(error, 'slack_refused', 'invalid_input') ? tokenProblems(messageOf(error)) : { other: messageOf(error) };

const titleOf = (error: unknown): string =>
  hasCode(error, 'unreachable') ? 'It is not known whether this was saved' : 'Nothing was saved';

function Said({ saved }: { saved: PluginView | null }) {
  if (saved === null) {
    return (
      <Alert color="gray" role="status">
        Nothing to save: enter the token that is to change.
      </Alert>
    );
  }
  return (
    <Alert color="green" role="status">
      Slack took both tokens; they are saved, and every gateway uses them now.
    </Alert>
  );
}

interface FieldProps {
  token: SlackToken;
  isSet: boolean;
  setAt: string | null;
  problem: string | undefined;
  ref: (input: HTMLInputElement | null) => void;
}

function TokenField({ token, isSet, setAt, problem, ref }: FieldProps) {
  const { label, place, begins } = words[token];
  return (
    <PasswordInput
      ref={ref}
      name={token}
      label={
        <>
          {label}{' '}
          <Text span size="xs" c="dimmed" fw={400}>
            {token}
          </Text>
        </>
      }
      description={
        <>
          {place}
          {isSet && (
            <>
              {' · '}
              <Text span inherit c="var(--hoop-good)">
                set
              </Text>{' '}
              {setAt !== null && <When at={setAt} />}
            </>
          )}
        </>
      }
      placeholder={isSet ? 'unchanged' : `${begins}…`}
      error={problem !== undefined && <Lines text={problem} />}
      aria-invalid={problem !== undefined}
      autoComplete="off"
      spellCheck={false}
      maxLength={4096}
      data-1p-ignore
      data-lpignore="true"
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide what is typed' }}
    />
  );
}
