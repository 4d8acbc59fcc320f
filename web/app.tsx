import { Alert, DEFAULT_THEME, MantineProvider, colorsTuple, createTheme } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Route, Switch } from 'wouter';
import { createQueryClient } from './data/query-client.ts';
import { Frame } from './components/frame.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { pageRoutes } from './routes.tsx';
import { CrashGuard } from './ui/crash-guard.tsx';
import { cspNonce } from './util/csp-nonce.ts';
import { routes } from './util/paths.ts';

const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: 8,
  // The darkest green of Mantine is too light for words: 4.4 to 1 on white.
  colors: { green: colorsTuple([...DEFAULT_THEME.colors.green.slice(0, 9), '#24793a']) },
  cursorType: 'pointer',
  // Coloured titles are hard to read on their coloured ground.
  components: { Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }) },
});

export function App() {
  const [client] = useState(createQueryClient);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={cspNonce}>
      <CrashGuard>
        <QueryClientProvider client={client}>
          <Switch>
            <Route path={routes.signIn} component={SignInPage} />
            <Route>
              <Frame>
                <Switch>
                  {pageRoutes.map(({ path, page }) => (
                    <Route key={path} path={path} component={page} />
                  ))}
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
