import { Alert, MantineProvider, createTheme } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Route, Switch } from 'wouter';
import { Frame } from './components/frame.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { ReviewsPage } from './pages/reviews.tsx';
import { SessionPage } from './pages/session.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { SubscribePage } from './pages/subscribe.tsx';
import { pages, routes } from './util/paths.ts';
import { CrashGuard } from './ui/crash-guard.tsx';
import { createQueryClient } from './util/queries.ts';

const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: 8,
  cursorType: 'pointer',
  // Coloured titles are hard to read on their coloured ground.
  components: { Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }) },
});

export function App() {
  const [client] = useState(createQueryClient);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <CrashGuard>
        <QueryClientProvider client={client}>
          <Switch>
            <Route path={routes.signIn} component={SignInPage} />
            <Route>
              <Frame>
                <Switch>
                  <Route path={pages.home} component={ReviewsPage} />
                  <Route path={routes.reviews} component={ReviewsPage} />
                  <Route path={routes.sessions} component={SessionsPage} />
                  {/* Keyed: another session is another page, with a stream of its own. */}
                  <Route path={routes.session}>{({ id }) => <SessionPage key={id} id={id} />}</Route>
                  <Route path={routes.subscribe} component={SubscribePage} />
                  <Route component={NotFoundPage} />
                </Switch>
              </Frame>
            </Route>
          </Switch>
        </QueryClientProvider>
      </CrashGuard>
    </MantineProvider>
  );
}
