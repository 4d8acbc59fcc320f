import { paths } from '#shared/api-paths.ts';
import type { AgentView, ConnectionView, PluginView, UserView } from '#shared/api-schemas.ts';
import { policySentence } from '#shared/policy-sentence.ts';
import type { TokenView } from '#shared/token-schemas.ts';
import { oneLine } from '#shared/safe-text.ts';
import { showArgv } from '#shared/argv-text.ts';
import { agentStateText, instanceText, maxRunsText } from '../agent-text.ts';
import { signedInClient } from '../client.ts';
import type { AdminNoun } from '../definitions/admin.ts';
import type { CommandCall, CommandRun } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { printFields, printJson, printTable } from '../output.ts';
import { say } from '../terminal.ts';
import { pluginFields, socketsText } from '../plugin-fields.ts';
import { localStamp } from '../times.ts';

interface Presentation<View> {
  all: string;
  one: (key: string) => string;
  none: string;
  headings: string[];
  row: (view: View) => string[];
  fields: (view: View) => [string, string | null | undefined][];
}

/** `admin get` and `admin list`: one by its key, or all. */
export function adminGetCommand(noun: AdminNoun): CommandRun<{ output?: 'json' }> {
  if (noun === 'plugin') return show(plugins);
  if (noun === 'user') return show(users);
  if (noun === 'agent') return show(agents);
  if (noun === 'token') return show(tokens);
  return show(connections);
}

function show<View>(presentation: Presentation<View>): CommandRun<{ output?: 'json' }> {
  return async ({ args, options }: CommandCall<{ output?: 'json' }>) => {
    checkArguments(args, 1, 'one at a time');
    const client = signedInClient();
    const json = options.output === 'json';
    const [key] = args;
    if (key !== undefined) {
      const view = await client.get<View>(presentation.one(key));
      return json ? printJson(view) : printFields(presentation.fields(view));
    }
    const views = await client.get<View[]>(presentation.all);
    if (json) return printJson(views);
    if (views.length === 0) return say(presentation.none);
    printTable(presentation.headings, views.map(presentation.row));
  };
}

const yesNo = (value: boolean) => (value ? 'yes' : 'no');
const listed = (words: string[]) => words.join(', ') || '-';
const pluginText = ({ name, channels }: ConnectionView['plugins'][number]) =>
  channels.length > 0 ? `${name} (${channels.join(', ')})` : name;

const plugins: Presentation<PluginView> = {
  all: paths.plugins,
  one: paths.plugin,
  none: 'No plugins.',
  headings: ['NAME', 'STATE', 'TEAM', 'SOCKETS', 'SETTINGS', 'LAST ERROR'],
  row: (p) => [p.name, p.state, p.team?.name ?? '-', socketsText(p), listed(p.configured), p.lastError ?? '-'],
  fields: pluginFields,
};

const users: Presentation<UserView> = {
  all: paths.users,
  one: paths.user,
  none: 'No users.',
  headings: ['EMAIL', 'NAME', 'GROUPS', 'SLACK ID', 'ACTIVE'],
  row: (u) => [u.email, u.name, listed(u.groups), u.slackId ?? '-', yesNo(u.active)],
  fields: (u) => [
    ['email', u.email],
    ['name', u.name],
    ['groups', listed(u.groups)],
    ['admin', yesNo(u.admin)],
    ['active', yesNo(u.active)],
    ['password', u.hasPassword ? 'set' : 'none'],
    ['slack id', u.slackId ?? '-'],
    ['created', localStamp(u.createdAt)],
  ],
};

const agents: Presentation<AgentView> = {
  all: paths.agents,
  one: paths.agent,
  none: 'No agents.',
  headings: ['NAME', 'STATE', 'INSTANCES', 'RUNNING', 'CONNECTIONS'],
  row: (a) => [
    a.name,
    agentStateText(a),
    listed(a.instances.map(({ hostname }) => oneLine(hostname))),
    String(a.instances.reduce((sum, { running }) => sum + running.length, 0)),
    listed(a.connections),
  ],
  fields: (a) => [
    ['name', a.name],
    ['state', agentStateText(a)],
    ['max runs', maxRunsText(a)],
    ['connections', listed(a.connections)],
    ['instances', a.instances.map(instanceText).join('\n')],
    ['created', localStamp(a.createdAt)],
  ],
};

const lastUse = ({ lastUsedAt }: TokenView) => (lastUsedAt === null ? 'never' : localStamp(lastUsedAt));
const expiry = ({ expiresAt, expired }: TokenView) => `${localStamp(expiresAt)}${expired ? ' (expired)' : ''}`;

const tokens: Presentation<TokenView> = {
  all: paths.tokens,
  one: paths.token,
  none: 'No API tokens.',
  headings: ['ID', 'NAME', 'USER', 'EXPIRES', 'LAST USED'],
  row: (t) => [t.id, t.name, t.user, expiry(t), lastUse(t)],
  fields: (t) => [
    ['id', t.id],
    ['name', t.name],
    ['user', t.user],
    ['made by', t.createdBy ?? 'somebody who is gone'],
    ['created', localStamp(t.createdAt)],
    ['expires', expiry(t)],
    ['last used', lastUse(t)],
  ],
};

const connections: Presentation<ConnectionView> = {
  all: paths.connections,
  one: paths.connection,
  none: 'No connections.',
  headings: ['NAME', 'AGENT', 'REVIEWERS', 'PLUGINS', 'COMMAND'],
  row: (c) => [
    c.name,
    c.agentOnline ? c.agent : `${c.agent} (offline)`,
    listed(c.reviewers),
    listed(c.plugins.map(pluginText)),
    showArgv(c.command),
  ],
  fields: (c) => [
    ['name', c.name],
    ['version', String(c.version)],
    ['agent', `${c.agent} (${c.agentOnline ? 'online' : 'offline'})`],
    ['command', showArgv(c.command)],
    ['policy', oneLine(policySentence(c))],
    ['reviewers', listed(c.reviewers)],
    ['min approvals', String(c.minApprovals)],
    ['distinct reviewers', yesNo(c.distinctReviewers)],
    ['force-approve groups', listed(c.forceApproveGroups)],
    ['reason required', yesNo(c.requireReason)],
    ['time window', c.window ?? 'at any time'],
    ['plugins', listed(c.plugins.map(pluginText))],
    ['variables', listed(c.envNames)],
    ['allowed variables', listed(c.allowEnv)],
    ['tags', listed(Object.entries(c.tags).map(([key, value]) => `${key}=${value}`))],
    ['access modes', listed(c.accessModes)],
    ['expire', c.expire],
    ['max run time', c.maxRuntime === '0s' ? 'no limit' : c.maxRuntime],
    ['max duration', c.accessModes.includes('connect') ? `${c.maxDuration} of connect` : null],
    ['max output', `${c.maxOutput} bytes`],
    ['max input', `${c.maxInput} bytes`],
    ['max runs', c.maxRuns === 0 ? 'no limit' : `${c.maxRuns} at once`],
    ['idle', !c.accessModes.includes('connect') ? null : c.idle === '0s' ? 'no limit' : `${c.idle} of a terminal`],
    ['recordings', c.keep === '0s' ? 'kept for ever' : `kept for ${c.keep}`],
    ['runs as', c.runAs ?? "the agent's own user"],
    ['updated', localStamp(c.updatedAt)],
    ['warnings', c.warnings.join('\n')],
  ],
};
