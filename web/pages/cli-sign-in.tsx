import { Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import type { SignInVerdict } from '#shared/sign-in-schemas.ts';
import { SignInRequest } from '../components/sign-in-request.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Said } from '../ui/said.tsx';
import { Mono } from '../ui/visible-text.tsx';
import { hasCode } from '../data/ask.ts';
import { browserSignInQuery, decideBrowserSignIn } from '../data/cli-sign-in.ts';

/** What `hoop login` opens: confirms that the terminal of this machine acts as who is signed in here. */
export function CliSignInPage() {
  const [search] = useSearchParams();
  const request = search.get('request');
  return (
    <Page title="Sign in the command line">
      {request === null ? (
        <Text>
          Type <Mono>hoop login</Mono> in a terminal: it opens this page with what there is to confirm.
        </Text>
      ) : (
        <ToConfirm key={request} request={request} />
      )}
    </Page>
  );
}

function ToConfirm({ request }: { request: string }) {
  const decide = useMutation({
    mutationFn: (verdict: SignInVerdict) => decideBrowserSignIn(request, verdict),
    // `hoop login` waits there, and says how it ended.
    onSuccess: ({ redirectTo }) => window.location.assign(redirectTo),
  });
  const asked = useQuery(browserSignInQuery(request));

  if (decide.data) {
    return (
      <Said
        title={decide.variables === 'confirm' ? 'Confirmed' : 'Denied'}
        color={decide.variables === 'confirm' ? 'green' : 'gray'}
      >
        The terminal is told now. You may close this tab.
      </Said>
    );
  }
  if (asked.data) {
    return (
      <SignInRequest
        request={asked.data}
        pending={decide.isPending ? decide.variables : undefined}
        error={decide.error}
        onDecide={decide.mutate}
      >
        Confirm only if you typed <Mono>hoop login</Mono> a moment ago, on this machine. If somebody sent you here,
        deny: they could act as you.
      </SignInRequest>
    );
  }
  if (asked.isError) {
    const over = hasCode(asked.error, 'sign_in_unknown', 'sign_in_over', 'invalid_input');
    return (
      <Problem
        error={asked.error}
        title={over ? 'There is nothing to confirm' : 'The sign-in cannot be shown'}
        onRetry={over ? undefined : () => void asked.refetch()}
      />
    );
  }
  return <Loading what="the sign-in" />;
}
