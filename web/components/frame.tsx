import { AppShell, Container, ScrollArea, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, createContext, useContext, useState, type ReactNode } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import type { Me } from '#shared/api-schemas.ts';
import { Loading } from '../ui/loading.tsx';
import { Problem } from '../ui/problem.tsx';
import { hasCode } from '../data/ask.ts';
import { meQuery } from '../data/sign-in.ts';
import { useLiveUpdates } from '../util/live-updates.ts';
import { pages } from '../util/paths.ts';
import { ColorSchemeChoice } from './color-scheme-choice.tsx';
import { Header } from './header.tsx';
import { NavigationMenu } from './navigation-menu.tsx';
import { OutageBanner } from './outage-banner.tsx';
import { PageGuard } from './page-guard.tsx';
import { useWaitingInTitle } from './waiting-count.tsx';
import classes from './frame.module.css';

const SignedIn = createContext<Me | null>(null);

/** Who is signed in; inside the frame somebody is. */
export function useMe(): Me {
  const me = useContext(SignedIn);
  if (!me) throw new Error('useMe outside of the frame');
  return me;
}

/** Header, menu, banner and the page; whoever is not signed in goes to the sign-in page and comes back here after it. */
export function Frame({ children }: { children: ReactNode }) {
  const { data: me, error, refetch } = useQuery(meQuery);
  const [path] = useLocation();
  const search = useSearch();

  if (me === null) return <Redirect to={pages.signIn(search ? `${path}?${search}` : path)} replace />;
  if (me) return <SignedInFrame me={me}>{children}</SignedInFrame>;
  return (
    <>
      <OutageBanner />
      <Container component="main" size="lg" py="lg" px="md">
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

function SignedInFrame({ me, children }: { me: Me; children: ReactNode }) {
  const [menuOpen, setMenuOpen] = useState(false);
  const [path] = useLocation();
  return (
    <SignedIn value={me}>
      <LiveUpdates />
      <a href="#content" className="skip-link">
        Skip to content
      </a>
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
        padding={0}
        transitionDuration={0}
      >
        <AppShell.Header>
          <Header me={me} menuOpen={menuOpen} onMenu={() => setMenuOpen((open) => !open)} />
        </AppShell.Header>
        <AppShell.Navbar p="sm" id="pages" aria-label="Pages" className={classes.menu} data-open={menuOpen}>
          <AppShell.Section grow component={ScrollArea} type="auto">
            <NavigationMenu me={me} onChoose={() => setMenuOpen(false)} />
          </AppShell.Section>
          <AppShell.Section pt="sm">
            <ColorSchemeChoice />
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1}>
          <OutageBanner />
          <Container size="lg" py="lg" px="md">
            <PageGuard path={path}>
              <Suspense fallback={<Loading what="the page" rows={4} />}>{children}</Suspense>
            </PageGuard>
          </Container>
        </AppShell.Main>
      </AppShell>
    </SignedIn>
  );
}

function LiveUpdates() {
  useLiveUpdates();
  useWaitingInTitle();
  return null;
}
