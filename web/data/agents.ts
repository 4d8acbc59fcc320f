/** Agents, as admins keep them. */
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { agentCreated, agentView, paths } from '#shared/api-schemas.ts';
import { ask, askFor } from './ask.ts';

export type AgentCreated = z.infer<typeof agentCreated>;

const all = ['agents'] as const;

export const agentsQuery = queryOptions({
  queryKey: [...all, 'all'],
  queryFn: ({ signal }) => askFor(z.array(agentView), paths.agents, { signal }),
});

export const agentQuery = (name: string) =>
  queryOptions({
    queryKey: [...all, 'one', name],
    queryFn: ({ signal }) => askFor(agentView, paths.agent(name), { signal }),
  });

const post = (body: { name: string; maxRuns?: number; overwrite?: boolean }) =>
  askFor(agentCreated, paths.agents, { method: 'POST', body });

export const createAgent = (name: string) => post({ name });
/** Its token, shown this once, takes the place of the one before. */
export const renewAgentToken = (name: string) => post({ name, overwrite: true });
/** Its token stays. */
export const limitAgent = (name: string, maxRuns: number) => post({ name, maxRuns, overwrite: true });
export const deleteAgent = async (name: string) => void (await ask(paths.agent(name), { method: 'DELETE' }));
