/**
 * What the first start finds in place. An installation without users gets its first admin; on embedded defaults
 * the agent, the connection `bash`, and while the sandbox is on its people come with it. Later starts
 * leave alone what somebody changed.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Context, Core } from '#core/context.ts';
import { newToken } from '#core/passwords.ts';
import { saveAgent } from '#core/save-agent.ts';
import { saveConnection } from '#core/save-connection.ts';
import { savePlugin } from '#core/save-plugin.ts';
import { saveUser } from '#core/save-user.ts';
import { openSlackTokens } from '#core/slack-tokens.ts';
import { findAgent } from '#db/agents.ts';
import { findConnection } from '#db/connections.ts';
import { insertToken } from '#db/tokens.ts';
import { ensureGroups, findUserByEmail, listUsers, setSandboxUsersActive } from '#db/users.ts';
import slackManifest from '../../slack/manifest.json' with { type: 'json' };

export interface FirstRun {
  home: string;
  apiUrl: string;
  /** Whether this is `hoop start` with its example agent, connection and sandbox. */
  embedded: boolean;
  /** Null: the sandbox is off, and so are the people seeded for it. */
  sandboxUrl: string | null;
}

const lockKey = 7_266_013;

const adminEmail = 'admin@localhost';
const agentName = 'default';
const connectionName = 'bash';
const reviewers = ['admin', 'sre'];
const channel = 'ops';
/** Sandbox people that hoop knows; the admin is alice, dave stays unknown. */
const people = [
  { sandboxName: 'bob', email: 'bob@localhost', groups: ['admin', 'sre'] },
  { sandboxName: 'carol', email: 'carol@localhost', groups: ['sre'] },
];
const localTokenDays = 3650;

const workspaceSchema = z.object({
  team: z.object({ id: z.string() }),
  people: z.array(z.object({ id: z.string(), name: z.string(), realName: z.string() })),
});
const appSchema = z.object({ botToken: z.string(), appToken: z.string() });

export async function firstRun(core: Core, options: FirstRun): Promise<void> {
  // replicas that start together: the first one seeds, the others find it done
  const client = await core.db.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await seed(core, options);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lockKey]).finally(() => client.release());
  }
}

async function seed(core: Core, options: FirstRun): Promise<void> {
  const ctx: Context = { core, actor: { kind: 'system', name: 'first-run' } };
  await mkdir(options.home, { recursive: true, mode: 0o700 });
  const fresh = (await listUsers(core.db)).length === 0;
  if (fresh) await makeAdmin(ctx, options);
  if (!options.embedded) return setSandboxUsersActive(core.db, false);
  const sandboxed = options.sandboxUrl !== null && (await useSandbox(ctx, options.sandboxUrl, fresh));
  await setSandboxUsersActive(core.db, sandboxed);
  if (!(await findAgent(core.db, agentName)) && fresh) {
    const { token } = await saveAgent(ctx, { name: agentName });
    await writePrivate(join(options.home, 'agent-token'), `${token}\n`);
  }
  if (fresh && !(await findConnection(core.db, connectionName))) await makeConnection(ctx, sandboxed);
}

async function makeAdmin(ctx: Context, options: FirstRun): Promise<void> {
  const { core } = ctx;
  const password = randomBytes(15).toString('base64url');
  await saveUser(ctx, { email: adminEmail, name: 'Admin', groups: ['admin'], password });
  await ensureGroups(core.db, reviewers);
  const user = await findUserByEmail(core.db, adminEmail);
  if (!user) throw new Error('the admin was written and is not there');
  const { token, hash } = newToken('hoop_cli');
  const expiresAt = new Date(core.now().getTime() + localTokenDays * 86_400_000);
  await insertToken(core.db, { hash, userId: user.id, kind: 'cli', expiresAt });
  await writePrivate(join(options.home, 'admin-password'), `${password}\n`);
  core.log.info({ email: adminEmail, file: join(options.home, 'admin-password') }, 'made the first admin');
  const config = { apiUrl: options.apiUrl, token, email: adminEmail };
  await writePrivate(join(options.home, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

/** Connects hoop to the sandbox, unless a real Slack is configured; gives whether the sandbox is in use. */
async function useSandbox(ctx: Context, sandboxUrl: string, fresh: boolean): Promise<boolean> {
  const { core } = ctx;
  const configured = await openSlackTokens(core);
  if (configured && !configured.botToken.includes('-sandbox-')) return false;
  const app = appSchema.parse(await ask(`${sandboxUrl}/control/apps`, slackManifest));
  if (configured?.botToken !== app.botToken || configured.appToken !== app.appToken) {
    const config = { SLACK_BOT_TOKEN: app.botToken, SLACK_APP_TOKEN: app.appToken };
    await savePlugin(ctx, { name: 'slack', config, overwrite: true });
  }
  if (fresh) await makePeople(ctx, sandboxUrl);
  return true;
}

async function makePeople(ctx: Context, sandboxUrl: string): Promise<void> {
  const workspace = workspaceSchema.parse(await ask(`${sandboxUrl}/control/workspace`));
  const known = (name: string) => workspace.people.find((person) => person.name === name);
  // in no other workspace: a real one may know one of these ids
  const slackTeamId = workspace.team.id;
  await saveUser(ctx, { email: adminEmail, slackId: known('alice')?.id, slackTeamId, overwrite: true });
  for (const { sandboxName, email, groups } of people) {
    const person = known(sandboxName);
    if (!person) continue;
    const { realName: name, id: slackId } = person;
    await saveUser(ctx, { email, name, groups, slackId, slackTeamId, sandbox: true });
  }
}

async function makeConnection(ctx: Context, sandboxed: boolean): Promise<void> {
  const plugins = sandboxed ? [{ name: 'slack', channels: [channel] }] : [];
  await saveConnection(ctx, { name: connectionName, agent: agentName, command: ['bash'], reviewers, plugins });
}

async function ask(url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    ...(body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Whole or not at all, and for the owner's eyes only. */
async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}
