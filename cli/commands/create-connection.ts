import { paths } from '#shared/api-paths.ts';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { policySentence } from '#shared/policy-sentence.ts';
import { oneLine } from '#shared/safe-text.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments, commaList, keyValues, sizeOption, wholeNumber } from '../options.ts';
import { printJson } from '../output.ts';
import { print, say, usageError } from '../terminal.ts';
import { readValues } from '../values.ts';

export interface CreateConnectionOptions {
  agent?: string;
  reviewers?: string;
  plugin?: string[];
  env?: string[];
  tags?: string[];
  accessModes?: string;
  minApprovals?: string;
  distinctReviewers?: boolean;
  forceApproveGroups?: string;
  requireReason?: boolean;
  window?: string;
  expire?: string;
  maxRuntime?: string;
  maxDuration?: string;
  maxOutput?: string;
  maxInput?: string;
  maxRuns?: string;
  idle?: string;
  keep?: string;
  runAs?: string;
  allowEnv?: string;
  overwrite?: boolean;
  output?: 'json';
}

export async function createConnectionCommand(call: CommandCall<CreateConnectionOptions>): Promise<void> {
  const { args, options, afterDashes } = call;
  checkArguments(args, 1, 'the command of the connection goes after --');
  if (args[0] === undefined) throw usageError('a connection needs a name before --');
  const input = {
    name: args[0],
    ...(afterDashes && afterDashes.length > 0 ? { command: afterDashes } : {}),
    ...namedFields(options),
    overwrite: options.overwrite ?? false,
  };
  // channels are posted to before the answer comes, and Slack may ask to wait
  const connection = await signedInClient().post<ConnectionView>(paths.connections, input, { timeoutMs: 120_000 });
  for (const warning of connection.warnings) say(`hoop: warning: ${warning}`);
  if (options.output === 'json') return printJson(connection);
  print(`Connection ${connection.name} saved (agent ${connection.agent}). ${oneLine(policySentence(connection))}`);
}

/** Only what was named: with --overwrite the rest stays as it is. */
function namedFields(options: CreateConnectionOptions): Record<string, unknown> {
  const { agent, reviewers, accessModes, minApprovals, forceApproveGroups, maxOutput, maxInput, maxRuns, allowEnv } =
    options;
  return {
    agent,
    reviewers: reviewers === undefined ? undefined : commaList(reviewers),
    plugins: options.plugin && pluginsOf(options.plugin),
    env: options.env && readValues(keyValues('--env', options.env)),
    tags: options.tags && keyValues('--tags', options.tags),
    accessModes: accessModes === undefined ? undefined : commaList(accessModes),
    minApprovals: minApprovals === undefined ? undefined : wholeNumber('--min-approvals', minApprovals),
    distinctReviewers: options.distinctReviewers,
    forceApproveGroups: forceApproveGroups === undefined ? undefined : commaList(forceApproveGroups),
    requireReason: options.requireReason,
    window: options.window,
    expire: options.expire,
    maxRuntime: options.maxRuntime,
    maxDuration: options.maxDuration,
    maxOutput: maxOutput === undefined ? undefined : sizeOption('--max-output', maxOutput),
    maxInput: maxInput === undefined ? undefined : sizeOption('--max-input', maxInput),
    maxRuns: maxRuns === undefined ? undefined : wholeNumber('--max-runs', maxRuns),
    idle: options.idle,
    keep: options.keep,
    runAs: options.runAs,
    allowEnv: allowEnv === undefined ? undefined : commaList(allowEnv),
  };
}

/** `slack` leaves the channels as they are, `slack:C1;C2` names them. `review` is what --reviewers says already. */
function pluginsOf(texts: string[]): { name: string; channels?: string[] }[] | undefined {
  const plugins = texts.map((text) => {
    const at = text.indexOf(':');
    if (at < 0) return { name: text.trim() };
    const channels = text
      .slice(at + 1)
      .split(';')
      .map((channel) => channel.trim())
      .filter((channel) => channel !== '');
    return { name: text.slice(0, at).trim(), channels };
  });
  const named = plugins.filter(({ name }) => name !== 'review');
  return named.length > 0 ? named : undefined;
}
