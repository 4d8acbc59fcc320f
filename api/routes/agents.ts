import { z } from 'zod';
import { agentCreated, agentInput, agentView, paths } from '#shared/api-schemas.ts';
import { getAgentView, listAgentViews } from '#core/agent-views.ts';
import { removeAgent } from '#core/delete-agent.ts';
import { saveAgent } from '#core/save-agent.ts';
import { userRoute } from '../route.ts';

const tag = 'Agents';
const params = z.object({ name: z.string().max(63) });
const path = '/api/agents/:name';

export const agentRoutes = [
  userRoute(
    {
      method: 'post',
      path: paths.agents,
      tag,
      summary: 'Make an agent, or with overwrite a new token for one; the token is in this answer only',
      body: agentInput,
      answer: agentCreated,
      statuses: [201, 200],
    },
    async ({ ctx, body }) => {
      const { view, token, created } = await saveAgent(ctx, body);
      return {
        status: created ? 201 : 200,
        body: { ...view, gatewayUrl: ctx.core.publicUrl, ...(token !== undefined && { token }) },
      };
    },
  ),
  userRoute(
    { method: 'get', path: paths.agents, tag, summary: 'All agents', answer: z.array(agentView) },
    async ({ ctx }) => ({ body: await listAgentViews(ctx) }),
  ),
  userRoute(
    { method: 'get', path, tag, summary: 'An agent', params, answer: agentView },
    async ({ ctx, params: { name } }) => ({
      body: await getAgentView(ctx, name),
    }),
  ),
  userRoute(
    { method: 'delete', path, tag, summary: 'Delete an agent that nothing needs', params, statuses: [204] },
    async ({ ctx, params: { name } }) => {
      await removeAgent(ctx, name);
      return { status: 204 };
    },
  ),
];
