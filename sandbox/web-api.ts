import express, { type Request, type Response, type Router } from 'express';
import { answering, limited } from './answering.ts';
import { SlackError } from './errors.ts';
import type { Faults } from './faults.ts';
import { call, methodNamed } from './methods/call.ts';
import { addressed } from './methods/channels.ts';
import { text, type SandboxContext } from './methods/method.ts';
import type { Json, Token } from './model.ts';
import type { RateLimits } from './rate-limits.ts';
import { askedIn, type Asked } from './request-args.ts';
import { lookUp } from './store.ts';

const BODY_LIMIT = '2mb';

/** Slack's Web API: https://docs.slack.dev/apis/web-api */
export function webApi(context: SandboxContext, faults: Faults, limits: RateLimits): Router {
  const router = express.Router();
  router.use(express.raw({ limit: BODY_LIMIT, type: () => true }));
  router.use((error: unknown, _request: Request, response: Response, _next: unknown) => {
    const tooLarge = (error as { type?: unknown }).type === 'entity.too.large';
    response.json({ ok: false, error: tooLarge ? 'request_too_large' : 'invalid_form_data' });
  });
  router.all('/:method', async (request, response) => {
    const name = request.params.method;
    const asked = await understood(request, name);
    if (asked instanceof SlackError) {
      const unread = { kind: 'api', method: name, appId: undefined, args: {}, response } as const;
      const body = { ok: false, error: asked.code };
      return answering(context, faults, unread, () => ({ status: 200, body }));
    }
    const { args, token } = asked;
    const known = lookUp(context.workspace.store.tokens, token);
    const incoming = { kind: 'api', method: name, appId: known?.appId, args, response } as const;
    await answering(context, faults, incoming, () => {
      const channel = limits.enabled && name === 'chat.postMessage' ? channelOf(context, known, args) : '';
      return limited(limits.wait(name, known?.appId, channel)) ?? call(context, name, asked, known);
    });
  });
  return router;
}

/** One channel is one, by whichever of its names it is posted to. */
function channelOf({ workspace }: SandboxContext, token: Token | undefined, args: Json): string {
  const app = workspace.store.apps.get(token?.appId ?? '');
  const name = text(args, 'channel');
  try {
    return app ? addressed(workspace, app, name).id : name;
  } catch (error) {
    if (error instanceof SlackError) return name;
    throw error;
  }
}

async function understood(request: Request, name: string): Promise<Asked | SlackError> {
  try {
    return await askedIn(request, methodNamed(name) ?? {});
  } catch (error) {
    if (error instanceof SlackError) return error;
    throw error;
  }
}
