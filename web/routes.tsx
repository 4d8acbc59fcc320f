/** Which page stands at which address. Pages that few people open are loaded when they are. */
import { lazy, type ComponentType } from 'react';
import { HomePage } from './pages/home.tsx';
import { ReviewsPage } from './pages/reviews.tsx';
import { SessionPage } from './pages/session.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { SubscribePage } from './pages/subscribe.tsx';
import { pages, routes } from './util/paths.ts';

const WelcomePage = lazy(() => import('./pages/welcome.tsx').then(({ WelcomePage: page }) => ({ default: page })));
const ConnectPage = lazy(() => import('./pages/connect.tsx').then(({ ConnectPage: page }) => ({ default: page })));
const RunPage = lazy(() => import('./pages/run.tsx').then(({ RunPage: page }) => ({ default: page })));
const PluginsPage = lazy(() => import('./pages/plugins.tsx').then(({ PluginsPage: page }) => ({ default: page })));
const SlackPage = lazy(() => import('./pages/slack.tsx').then(({ SlackPage: page }) => ({ default: page })));
const SlackSettingsPage = lazy(() =>
  import('./pages/slack-settings.tsx').then(({ SlackSettingsPage: page }) => ({ default: page })),
);

/** What the router hands to a page: the named parts of its address. */
export interface PageProps {
  params: Readonly<Record<string, string | undefined>>;
}

export const pageRoutes: ReadonlyArray<{ path: string; page: ComponentType<PageProps> }> = [
  { path: pages.home, page: HomePage },
  { path: routes.reviews, page: ReviewsPage },
  { path: routes.sessions, page: SessionsPage },
  // Keyed: another session is another page, with a stream of its own.
  { path: routes.session, page: ({ params: { id = '' } }) => <SessionPage key={id} id={id} /> },
  { path: routes.run, page: RunPage },
  { path: routes.connect, page: ConnectPage },
  { path: routes.subscribe, page: SubscribePage },
  { path: routes.welcome, page: WelcomePage },
  { path: routes.slack, page: SlackPage },
  { path: routes.slackSettings, page: SlackSettingsPage },
  { path: routes.plugins, page: PluginsPage },
];
