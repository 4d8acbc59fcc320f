import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, type FormEvent } from 'react';
import { Redirect, useSearchParams } from 'wouter';
import { OutageBanner } from '../components/outage-banner.tsx';
import { Loading } from '../ui/loading.tsx';
import { PageTitle } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { hasCode } from '../data/ask.ts';
import { signedIn } from '../data/query-client.ts';
import { meQuery, signIn, signInMethodsQuery } from '../data/sign-in.ts';
import { pages, safeNext } from '../util/paths.ts';

/** The ways to sign in that the gateway offers; afterwards the page that was asked for. */
export function SignInPage() {
  const [search] = useSearchParams();
  const { data: me } = useQuery(meQuery);
  const methods = useQuery(signInMethodsQuery);

  const next = safeNext(search.get('next'));
  if (me) return <Redirect to={next} replace />;
  return (
    <>
      <OutageBanner />
      <Center component="main" mih="80vh" p="md">
        <Paper withBorder radius="md" p="xl" w="100%" maw={400}>
          <Stack>
            <PageTitle title="Sign in" takesFocus={false}>
              Sign in to hoop
            </PageTitle>
            <WhatFor next={next} />
            {methods.data?.map(({ kind }) => (
              <PasswordForm key={kind} />
            ))}
            {!methods.data &&
              (methods.error && !hasCode(methods.error, 'unreachable') ? (
                <Problem error={methods.error} onRetry={() => void methods.refetch()} />
              ) : (
                <Loading what="the ways to sign in" />
              ))}
          </Stack>
        </Paper>
      </Center>
    </>
  );
}

/** Why somebody is asked who came by a link. */
function WhatFor({ next }: { next: string }) {
  const path = next.split('?')[0];
  if (path === pages.subscribe) {
    return (
      <Text size="sm">Sign in as who you are in hoop; then you can confirm that your Slack account is yours.</Text>
    );
  }
  if (path === pages.cliSignIn || path === pages.deviceSignIn) {
    return <Text size="sm">Sign in here first; then you can confirm the sign-in of the command line.</Text>;
  }
  return null;
}

function PasswordForm() {
  const client = useQueryClient();
  const password = useRef<HTMLInputElement>(null);
  const attempt = useMutation({
    mutationFn: (input: { email: string; password: string }) => signIn(input.email, input.password),
    onSuccess: ({ user }) => signedIn(client, user),
    onError: () => password.current?.select(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    attempt.mutate({ email: String(form.get('email')), password: String(form.get('password')) });
  };
  return (
    <form onSubmit={submit} aria-label="Sign in">
      <Stack>
        {attempt.isError && <Problem error={attempt.error} />}
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
        />
        <PasswordInput
          name="password"
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          ref={password}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        />
        <Button type="submit" loading={attempt.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
