import { Container, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import type { Me } from '#shared/api-schemas.ts';
import { Loading } from '../ui/loading.tsx';
import { Problem } from '../ui/problem.tsx';
import { hasCode } from '../util/api.ts';
import { useLiveUpdates } from '../util/live-updates.ts';
import { pages } from '../util/paths.ts';
import { meQuery } from '../util/queries.ts';
import { Header } from './header.tsx';
import { OutageBanner } from './outage-banner.tsx';

const SignedIn = createContext<Me | null>(null);

/** Who is signed in; inside the frame somebody is. */
export function useMe(): Me {
  const me = useContext(SignedIn);
  if (!me) throw new Error('useMe outside of the frame');
  return me;
}

/** Header, banner and the page; whoever is not signed in goes to the sign-in page and comes back here after it. */
export function Frame({ children }: { children: ReactNode }) {
  const { data: me, error, refetch } = useQuery(meQuery);
  const [path] = useLocation();
  const search = useSearch();

  if (me === null) return <Redirect to={pages.signIn(search ? `${path}?${search}` : path)} replace />;
  if (me) {
    return (
      <SignedIn value={me}>
        <LiveUpdates />
        <a href="#content" className="skip-link">
          Skip to content
        </a>
        <Header me={me} />
        <OutageBanner />
        <Container component="main" id="content" tabIndex={-1} size="md" py="lg" px="md">
          {children}
        </Container>
      </SignedIn>
    );
  }
  return (
    <>
      <OutageBanner />
      <Container component="main" size="md" py="lg" px="md">
        <Stack>
          {error && !hasCode(error, 'unreachable') ? (
            <Problem error={error} onRetry={() => void refetch()} />
          ) : (
            <Loading what="hoop" />
          )}
        </Stack>
      </Container>
    </>
  );
}

function LiveUpdates() {
  useLiveUpdates();
  return null;
}
