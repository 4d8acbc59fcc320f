import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useSearchParams } from 'wouter';
import { userCodeLength, type SignInVerdict } from '#shared/sign-in-schemas.ts';
import { SignInRequest } from '../components/sign-in-request.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Said } from '../ui/said.tsx';
import { Mono } from '../ui/visible-text.tsx';
import { hasCode, messageOf } from '../data/ask.ts';
import { decideDeviceSignIn, deviceSignInQuery } from '../data/cli-sign-in.ts';

/** Confirms a `hoop login` of a machine without a browser, by the code that it shows. */
export function DeviceSignInPage() {
  const [search] = useSearchParams();
  const [code, setCode] = useState(() => readCode(search.get('user_code') ?? ''));
  return (
    <Page title="Sign in the command line">
      {code === null ? (
        <AskForCode typed={search.get('user_code') ?? ''} problem={null} onCode={setCode} />
      ) : (
        <WithCode key={code} code={code} onCode={setCode} />
      )}
    </Page>
  );
}

/** As `hoop login` shows it; null when it is no code. People type spaces, and small letters. */
function readCode(text: string): string | null {
  const letters = text.toUpperCase().replace(/[\s-]/g, '');
  return /^[A-Z]+$/.test(letters) && letters.length === userCodeLength
    ? `${letters.slice(0, 4)}-${letters.slice(4)}`
    : null;
}

function WithCode({ code, onCode }: { code: string; onCode: (code: string) => void }) {
  const decide = useMutation({ mutationFn: (verdict: SignInVerdict) => decideDeviceSignIn(code, verdict) });
  const asked = useQuery(deviceSignInQuery(code));

  if (decide.isSuccess) {
    return decide.variables === 'confirm' ? (
      <Said title="Confirmed">The terminal is signed in now. You may close this tab.</Said>
    ) : (
      <Said title="Denied" color="gray">
        Nobody was signed in. You may close this tab.
      </Said>
    );
  }
  if (asked.data) {
    return (
      <SignInRequest
        request={asked.data}
        code={code}
        pending={decide.isPending ? decide.variables : undefined}
        error={decide.error}
        onDecide={decide.mutate}
      >
        Confirm only if you typed <Mono>hoop login</Mono> yourself, and the terminal shows the code <Mono>{code}</Mono>.
        If somebody sent you the code or a link with it, deny: they could act as you.
      </SignInRequest>
    );
  }
  if (hasCode(asked.error, 'sign_in_unknown', 'sign_in_over', 'too_many_attempts', 'invalid_input')) {
    return <AskForCode typed={code} problem={messageOf(asked.error)} onCode={onCode} />;
  }
  if (asked.isError) {
    return <Problem error={asked.error} title="The sign-in cannot be shown" onRetry={() => void asked.refetch()} />;
  }
  return <Loading what="the sign-in" />;
}

interface AskProps {
  typed: string;
  problem: string | null;
  onCode: (code: string) => void;
}

function AskForCode({ typed, problem, onCode }: AskProps) {
  const [text, setText] = useState(typed);
  const [error, setError] = useState(problem);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const code = readCode(text);
    if (code === null) setError(`A code has ${userCodeLength} letters, as in WDJB-MJHT; hoop login shows it.`);
    else if (code === typed && problem !== null) setError(problem);
    else onCode(code);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={420}>
        <Text>
          Type the code that <Mono>hoop login</Mono> shows on the machine that you want to sign in.
        </Text>
        <TextInput
          label="Code"
          value={text}
          error={error}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setError(null);
          }}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="WDJB-MJHT"
          maxLength={20}
          autoFocus
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <Group>
          <Button type="submit">Continue</Button>
        </Group>
      </Stack>
    </form>
  );
}
