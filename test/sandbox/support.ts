import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '@slack/bolt';
import { ConsoleLogger } from '@slack/logger';
import { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import type { ShownMessage, ShownView } from '#sandbox/page/api.ts';
import { createSandbox, type Sandbox, type SandboxDeps } from '#sandbox/server.ts';

export interface Installed {
  appId: string;
  botToken: string;
  appToken: string;
  botUserId: string;
  botId: string;
}

/** What the control API answered, whichever part of it; `status` is HTTP's. */
export interface Reply {
  status: number;
  id: string;
  ts: string;
  ackMs: number;
  messages: ShownMessage[];
  views: (ShownView & { private_metadata: string })[];
  apps: (Installed & { sockets: number })[];
  channel: { id: string; name: string; members: string[] };
  calls: object[];
  faults: object[];
}

export interface Control {
  get(path: string): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
  remove(path: string): Promise<Reply>;
}

export function controlOf(url: string): Control {
  const ask = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const response = await fetch(`${url}/control/${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { ...((await response.json()) as Reply), status: response.status };
  };
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    remove: (path) => ask('DELETE', path),
  };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hoop-sandbox-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A busy machine may stand still for longer than the 3 s that Slack gives an app; tests of those 3 s set their own. */
const patience = { ackTimeoutMs: 60_000, triggerMs: 60_000 };

/** A sandbox of the test's own, on a free port, closed when the test ends. */
export async function startSandbox(deps: Partial<SandboxDeps> = {}) {
  const dataDir = deps.dataDir ?? (await temporaryFolder());
  const sandbox = await createSandbox({ port: 0, ...patience, ...deps, dataDir });
  let open = true;
  const close = async () => {
    if (open) await sandbox.close();
    open = false;
  };
  onTestFinished(close);
  return { ...sandbox, close, dataDir, control: controlOf(sandbox.url) };
}
export type TestSandbox = Awaited<ReturnType<typeof startSandbox>>;

const hoop = JSON.parse(await readFile(new URL('../../slack/manifest.json', import.meta.url), 'utf8'));

/** hoop's manifest with other scopes, name or features; what it has no scope for is left out, as Slack wants it. */
export function manifest(
  changes: { name?: string; scopes?: string[]; commands?: object[]; events?: string[]; features?: object } = {},
) {
  const { name = 'hoop', scopes = hoop.oauth_config.scopes.bot, commands = hoop.features.slash_commands } = changes;
  const { slash_commands: _before, ...features } = hoop.features;
  const events = changes.events ?? (scopes.includes('app_mentions:read') ? ['app_mention'] : []);
  return {
    ...hoop,
    display_information: { ...hoop.display_information, name },
    features: {
      ...features,
      ...(scopes.includes('commands') ? { slash_commands: commands } : {}),
      ...changes.features,
    },
    oauth_config: { scopes: { bot: scopes } },
    settings: { ...hoop.settings, event_subscriptions: { bot_events: events } },
  };
}

export async function install(control: Control, changes: Parameters<typeof manifest>[0] = {}): Promise<Installed> {
  const reply = await control.post('apps', manifest(changes));
  if (reply.status !== 200) throw new Error(JSON.stringify(reply));
  return reply as unknown as Installed;
}

/** The refusals that tests provoke are no news. */
class SilentLogger extends ConsoleLogger {
  override error(): void {}
  override warn(): void {}
}

/** A client that fails at once instead of trying again. */
export function clientOf(sandbox: Pick<Sandbox, 'apiUrl'>, token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: sandbox.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: new SilentLogger(),
  });
}

export async function socketsOf({ control }: { control: Control }, { appId }: Installed): Promise<number> {
  return (await control.get('workspace')).apps.find((app) => app.appId === appId)?.sockets ?? 0;
}

/** A real Bolt app in Socket Mode, connected; `listen` adds its listeners first. */
export async function startBolt(sandbox: TestSandbox, tokens: Installed, listen: (app: App) => void = () => {}) {
  const app = new App({
    token: tokens.botToken,
    appToken: tokens.appToken,
    socketMode: true,
    deferInitialization: true,
    logger: new SilentLogger(),
    clientOptions: { slackApiUrl: sandbox.apiUrl, retryConfig: { retries: 0 } },
  });
  listen(app);
  await app.init();
  await app.start();
  let running = true;
  const stop = async () => {
    if (!running) return;
    running = false;
    await app.stop();
    // stop() resolves before the closing handshake is over.
    await eventually(async () => (await socketsOf(sandbox, tokens)) === 0, { describe: 'the socket is closed' });
  };
  onTestFinished(stop);
  return { app, stop };
}

export const approveBlocks = [
  { type: 'section', block_id: 'what', text: { type: 'mrkdwn', text: '*alice* wants to run `bash`' } },
  {
    type: 'actions',
    block_id: 'decide',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        style: 'primary',
        value: 's1',
        text: { type: 'plain_text', text: 'Approve' },
      },
      {
        type: 'button',
        action_id: 'reject',
        style: 'danger',
        value: 's1',
        text: { type: 'plain_text', text: 'Reject' },
      },
    ],
  },
];
