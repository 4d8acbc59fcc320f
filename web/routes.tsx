/** Which page stands at which address. All but the inbox, where people arrive, are loaded when they are opened. */
import { lazy, type ComponentType } from 'react';
import { HomePage } from './pages/home.tsx';
import { ReviewsPage } from './pages/reviews.tsx';
import { pages, routes } from './util/paths.ts';

const SessionPage = lazy(() => import('./pages/session.tsx').then(({ SessionPage: page }) => ({ default: page })));
const SessionsPage = lazy(() => import('./pages/sessions.tsx').then(({ SessionsPage: page }) => ({ default: page })));
const SubscribePage = lazy(() =>
  import('./pages/subscribe.tsx').then(({ SubscribePage: page }) => ({ default: page })),
);
const AuditPage = lazy(() => import('./pages/audit.tsx').then(({ AuditPage: page }) => ({ default: page })));
const GroupsPage = lazy(() => import('./pages/groups.tsx').then(({ GroupsPage: page }) => ({ default: page })));
const HealthPage = lazy(() => import('./pages/health.tsx').then(({ HealthPage: page }) => ({ default: page })));
const UsersPage = lazy(() => import('./pages/users.tsx').then(({ UsersPage: page }) => ({ default: page })));
const WelcomePage = lazy(() => import('./pages/welcome.tsx').then(({ WelcomePage: page }) => ({ default: page })));
const ConnectPage = lazy(() => import('./pages/connect.tsx').then(({ ConnectPage: page }) => ({ default: page })));
const RunPage = lazy(() => import('./pages/run.tsx').then(({ RunPage: page }) => ({ default: page })));
const PluginsPage = lazy(() => import('./pages/plugins.tsx').then(({ PluginsPage: page }) => ({ default: page })));
const SlackPage = lazy(() => import('./pages/slack.tsx').then(({ SlackPage: page }) => ({ default: page })));
const SlackSettingsPage = lazy(() =>
  import('./pages/slack-settings.tsx').then(({ SlackSettingsPage: page }) => ({ default: page })),
);
const ConnectionsPage = lazy(() =>
  import('./pages/connections.tsx').then(({ ConnectionsPage: page }) => ({ default: page })),
);
const ConnectionPage = lazy(() =>
  import('./pages/connection.tsx').then(({ ConnectionPage: page }) => ({ default: page })),
);
const NewConnectionPage = lazy(() =>
  import('./pages/connection.tsx').then(({ NewConnectionPage: page }) => ({ default: page })),
);
const AgentsPage = lazy(() => import('./pages/agents.tsx').then(({ AgentsPage: page }) => ({ default: page })));
const AgentPage = lazy(() => import('./pages/agent.tsx').then(({ AgentPage: page }) => ({ default: page })));
const NewAgentPage = lazy(() => import('./pages/new-agent.tsx').then(({ NewAgentPage: page }) => ({ default: page })));
const CliSignInPage = lazy(() => import('./pages/cli-sign-in.tsx').then((page) => ({ default: page.CliSignInPage })));
const DeviceSignInPage = lazy(() =>
  import('./pages/device-sign-in.tsx').then((page) => ({ default: page.DeviceSignInPage })),
);
const TokensPage = lazy(() => import('./pages/tokens.tsx').then((page) => ({ default: page.TokensPage })));

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
  { path: routes.connections, page: ConnectionsPage },
  { path: routes.newConnection, page: NewConnectionPage },
  { path: routes.connection, page: ({ params: { name = '' } }) => <ConnectionPage key={name} name={name} /> },
  { path: routes.agents, page: AgentsPage },
  { path: routes.newAgent, page: NewAgentPage },
  { path: routes.agent, page: ({ params: { name = '' } }) => <AgentPage key={name} name={name} /> },
  { path: routes.users, page: UsersPage },
  { path: routes.groups, page: GroupsPage },
  { path: routes.audit, page: AuditPage },
  { path: routes.health, page: HealthPage },
  { path: routes.cliSignIn, page: CliSignInPage },
  { path: routes.deviceSignIn, page: DeviceSignInPage },
  { path: routes.tokens, page: TokensPage },
];
