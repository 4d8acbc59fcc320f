import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '#sandbox/server.ts';
import { eventually } from '#test/support/eventually.ts';
import { startProcess } from '#test/support/processes.ts';
import { controlOf, socketsOf, type Installed } from '#test/sandbox/support.ts';
import type { Program } from './toolchain.ts';

const manifest = {
  display_information: { name: 'Deployer' },
  features: {
    bot_user: { display_name: 'Deployer' },
    slash_commands: [{ command: '/deploy', description: 'Asks for a deployment', usage_hint: '<service>' }],
  },
  oauth_config: {
    scopes: {
      bot: [
        'app_mentions:read',
        'channels:read',
        'chat:write',
        'chat:write.public',
        'commands',
        'im:history',
        'im:write',
      ],
    },
  },
  settings: {
    event_subscriptions: { bot_events: ['app_mention', 'message.im'] },
    interactivity: { is_enabled: true },
    socket_mode_enabled: true,
  },
};

export interface Call {
  seq: number;
  at: string;
  kind: 'api' | 'response_url' | 'delivery';
  method: string;
  args: Record<string, unknown>;
  status: number;
  response: { ok?: boolean; error?: string };
  fault?: string;
}

/** A sandbox with the app installed and its program connected. */
export async function startDeployer({ command, args }: Program) {
  const dataDir = await mkdtemp(join(tmpdir(), 'hoop-interop-'));
  const sandbox = await createSandbox({ port: 0, dataDir });
  const control = controlOf(sandbox.url);
  const tokens = (await control.post('apps', manifest)) as unknown as Installed;
  await control.post('invite', { channel: 'ops', user: tokens.botUserId });
  const program = startProcess(command, args, {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SLACK_API_URL: sandbox.apiUrl,
      SLACK_BOT_TOKEN: tokens.botToken,
      SLACK_APP_TOKEN: tokens.appToken,
    },
  });
  const printed = () => `${program.stdout()}${program.stderr()}`;
  const connected = () =>
    eventually(async () => (await socketsOf({ control }, tokens)) === 1, {
      deadlineMs: 40_000,
      describe: () => `the program is connected (${program.child.exitCode ?? 'running'}); it printed:\n${printed()}`,
    });
  const close = async () => {
    await program.stop(5_000);
    await sandbox.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  const calls = async (query = '') => (await control.get(`calls?${query}`)).calls as Call[];
  await connected().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { control, tokens, calls, connected, printed, close };
}
export type Deployer = Awaited<ReturnType<typeof startDeployer>>;
