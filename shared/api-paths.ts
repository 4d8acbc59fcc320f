/** The API's paths and bounds, apart from its schemas: the CLI starts without loading the schema library. */

/** Sizes in bytes or items; everything that comes in is bounded. */
export const limits = {
  /** Script, before base64. */
  scriptBytes: 8 * 1024 * 1024,
  /** JSON body of a request. */
  bodyBytes: 12 * 1024 * 1024,
  args: 256,
  argLength: 32 * 1024,
  envCount: 128,
  envValueLength: 32 * 1024,
  reasonLength: 2000,
  pageSize: 200,
  /** Commands at once, of a connection or an instance of an agent. */
  runs: 10_000,
} as const;

/** Seconds of a grant of connect; a connection may allow less. */
export const grantLimits = { fewestSeconds: 60, defaultSeconds: 30 * 60, mostSeconds: 48 * 3600 } as const;

/** Paths under the API's base URL; the one place where they are built. */
export const paths = {
  login: '/api/login',
  logout: '/api/logout',
  me: '/api/me',
  signInMethods: '/api/sign-in/methods',
  browserSignIn: '/api/sign-in/browser',
  browserSignInOpen: '/api/sign-in/browser/open',
  browserSignInDecide: '/api/sign-in/browser/decide',
  browserSignInToken: '/api/sign-in/browser/token',
  deviceSignIn: '/api/sign-in/device',
  deviceSignInOpen: '/api/sign-in/device/open',
  deviceSignInDecide: '/api/sign-in/device/decide',
  deviceSignInToken: '/api/sign-in/device/token',
  tokens: '/api/tokens',
  token: (key: string) => `/api/tokens/${encodeURIComponent(key)}`,
  sessions: '/api/sessions',
  session: (id: string) => `/api/sessions/${encodeURIComponent(id)}`,
  decisions: (id: string) => `/api/sessions/${encodeURIComponent(id)}/decisions`,
  cancel: (id: string) => `/api/sessions/${encodeURIComponent(id)}/cancel`,
  revoke: (id: string) => `/api/sessions/${encodeURIComponent(id)}/revoke`,
  /** `heartbeat`: seconds between two signs of life that the client wishes for. */
  stream: (id: string, offset: number, heartbeat?: number) =>
    `/api/sessions/${encodeURIComponent(id)}/stream?offset=${offset}${heartbeat ? `&heartbeat=${heartbeat}` : ''}`,
  output: (id: string) => `/api/sessions/${encodeURIComponent(id)}/output`,
  outputFile: (id: string) => `/api/sessions/${encodeURIComponent(id)}/output/file`,
  castFile: (id: string) => `/api/sessions/${encodeURIComponent(id)}/recording.cast`,
  reviews: '/api/reviews',
  reviewCount: '/api/reviews/count',
  connections: '/api/connections',
  connectionCheck: '/api/connections/check',
  connection: (n: string) => `/api/connections/${encodeURIComponent(n)}`,
  agents: '/api/agents',
  agent: (n: string) => `/api/agents/${encodeURIComponent(n)}`,
  users: '/api/users',
  user: (e: string) => `/api/users/${encodeURIComponent(e)}`,
  groups: '/api/groups',
  plugins: '/api/plugins',
  plugin: (n: string) => `/api/plugins/${encodeURIComponent(n)}`,
  slackManifest: '/api/plugins/slack/manifest',
  slackChannels: '/api/plugins/slack/channels',
  slackTestMessage: '/api/plugins/slack/test-message',
  slackLinkOpen: '/api/slack/links/open',
  slackLinkConfirm: '/api/slack/links/confirm',
  audit: '/api/audit',
  auditVerify: '/api/audit/verify',
  firstRun: '/api/first-run',
  firstRunDismiss: '/api/first-run/dismiss',
  auditChecks: '/api/audit/checks',
  auditExport: '/api/audit/export',
  health: '/api/health',
  version: '/api/version',
} as const;

/** Pages of the console that messages link to. */
export const consolePaths = {
  session: (id: string) => `/sessions/${encodeURIComponent(id)}`,
  reviews: '/reviews',
  /** The token follows in the fragment, which browsers send to nobody. */
  subscribe: '/slack/subscribe',
  /** Confirms a `hoop login` that opened this browser. */
  cliSignIn: '/cli',
  /** Confirms a `hoop login` on a machine without a browser. */
  deviceSignIn: '/device',
} as const;
