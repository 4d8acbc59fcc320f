import { agentStartCommand } from '#shared/agent-start.ts';
import { paths } from '#shared/api-paths.ts';
import type { AgentView } from '#shared/api-schemas.ts';
import { signedInClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { maxRunsText } from '../agent-text.ts';
import { checkArguments, wholeNumber } from '../options.ts';
import { printJson } from '../output.ts';
import { print, say } from '../terminal.ts';

export interface CreateAgentOptions {
  maxRuns?: string;
  overwrite?: boolean;
  output?: 'json';
}

export async function createAgentCommand({ args, options }: CommandCall<CreateAgentOptions>): Promise<void> {
  checkArguments(args, 1, 'one agent at a time');
  const client = signedInClient();
  const agent = await client.post<AgentView & { token?: string }>(paths.agents, {
    name: args[0],
    maxRuns: options.maxRuns === undefined ? undefined : wholeNumber('--max-runs', options.maxRuns),
    overwrite: options.overwrite ?? false,
  });
  if (options.output === 'json') return printJson(agent);
  if (agent.token === undefined) return print(`Agent ${agent.name} saved (${maxRunsText(agent)}); its token stays.`);
  say(
    `Agent ${agent.name} saved. Its token, shown this once, follows on stdout. Start the agent beside the resource:\n` +
      `  ${agentStartCommand(client.config.apiUrl, '<token>')}`,
  );
  process.stdout.write(`${agent.token}\n`);
}
