/** Addresses of the console's pages; no other file builds one. Addresses of the API are `paths` of shared/api-schemas. */
import { consolePaths } from '#shared/api-schemas.ts';
import type { SessionState } from '#shared/session-states.ts';

export const pages = {
  home: '/',
  reviews: consolePaths.reviews,
  subscribe: consolePaths.subscribe,
  /** The first steps of a new installation. */
  welcome: '/welcome',
  sessions: (state?: SessionState) => (state ? `/sessions?state=${state}` : '/sessions'),
  session: consolePaths.session,
  /** Its page, for somebody who is about to approve it. */
  reading: (id: string) => `${consolePaths.session(id)}?read`,
  /** `connection`: chosen already; `again`: the id of a session whose request is taken over. */
  run: (chosen: { connection?: string; again?: string } = {}) => {
    const query = new URLSearchParams(chosen).toString();
    return query === '' ? '/run' : `/run?${query}`;
  },
  connections: '/admin/connections',
  newConnection: '/admin/connections/new',
  /** The grants of a connection and their terminals; `session`: of one of these. */
  connect: (connection: string, session?: string) =>
    `/connect/${[connection, ...(session === undefined ? [] : [session])].map(encodeURIComponent).join('/')}`,
  slack: '/integrations/slack',
  slackConfigurations: '/integrations/slack/configurations',
  plugins: '/plugins',
  connection: (name: string) => `/admin/connections/${encodeURIComponent(name)}`,
  agents: '/admin/agents',
  newAgent: '/admin/agents/new',
  agent: (name: string) => `/admin/agents/${encodeURIComponent(name)}`,
  slackSettings: '/plugins/slack/settings',
  users: (filter: { search?: string; group?: string; status?: string; user?: string } = {}) =>
    withFilter('/admin/users', filter),
  groups: '/admin/groups',
  audit: (filter: { actor?: string; action?: string; subject?: string } = {}) => withFilter('/admin/audit', filter),
  health: '/admin/health',
  cliSignIn: consolePaths.cliSignIn,
  deviceSignIn: consolePaths.deviceSignIn,
  tokens: '/tokens',
  signIn: (next?: string) => (next && next !== '/' ? `/sign-in?next=${encodeURIComponent(next)}` : '/sign-in'),
} as const;

/** Routes as the router matches them. */
export const routes = {
  reviews: pages.reviews,
  subscribe: pages.subscribe,
  sessions: '/sessions',
  session: '/sessions/:id',
  welcome: pages.welcome,
  run: '/run',
  connect: '/connect/:connection/:session?',
  slack: `${pages.slack}/:tab?`,
  plugins: pages.plugins,
  slackSettings: pages.slackSettings,
  connections: pages.connections,
  newConnection: pages.newConnection,
  connection: '/admin/connections/:name',
  agents: pages.agents,
  newAgent: pages.newAgent,
  agent: '/admin/agents/:name',
  users: '/admin/users',
  groups: pages.groups,
  audit: '/admin/audit',
  health: pages.health,
  cliSignIn: pages.cliSignIn,
  deviceSignIn: pages.deviceSignIn,
  tokens: pages.tokens,
  signIn: '/sign-in',
} as const;

function withFilter(path: string, filter: Record<string, string>): string {
  const query = new URLSearchParams(filter).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** The page to return to after signing in; anything that is not a page of this console becomes the first page. */
export function safeNext(next: string | null): string {
  if (next === null || !next.startsWith('/') || /^\/[/\\]/.test(next) || /\p{Cc}/u.test(next)) return pages.home;
  return next.startsWith(routes.signIn) ? pages.home : next;
}
