import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { DroppedConnection } from './errors.ts';
import type { Fault, Faults } from './faults.ts';
import type { SandboxContext } from './methods/method.ts';
import type { Json } from './model.ts';

export interface Answer {
  status: number;
  /** JSON, or the bare text some of Slack's addresses answer. */
  body: Json | string;
  headers?: Record<string, string>;
}

/** Too early: come back after so many whole seconds; undefined for none. */
export function limited(seconds: number): Answer | undefined {
  if (seconds === 0) return undefined;
  return { status: 429, body: { ok: false, error: 'ratelimited' }, headers: { 'retry-after': String(seconds) } };
}

export interface Incoming {
  kind: 'api' | 'response_url';
  method: string;
  appId: string | undefined;
  args: unknown;
  response: Response;
}

/** Answers a call as the faults allow, and writes down what was asked and answered. */
export async function answering(
  context: SandboxContext,
  faults: Faults,
  incoming: Incoming,
  work: () => Answer,
): Promise<void> {
  const started = performance.now();
  const fault = faults.outage(incoming.appId)
    ? ({ kind: 'outage' } as const)
    : faults.forCall(incoming.method, incoming.appId);
  let answer: Answer;
  let dropped = false;
  try {
    answer = await withFault(fault, work, faults, incoming.response.req);
  } catch (error) {
    if (!(error instanceof DroppedConnection)) throw error;
    answer = { status: 0, body: {} };
    dropped = true;
  }
  const { kind, method, appId, args } = incoming;
  const ms = Math.round(performance.now() - started);
  context.workspace.store.addCall({
    at: new Date().toISOString(),
    ...{ kind, method, args, ms, status: answer.status, response: dropped ? 'connection dropped' : answer.body },
    ...(appId ? { appId } : {}),
    ...(fault ? { fault: fault.kind } : {}),
  });
  if (dropped) return;
  incoming.response.status(answer.status).set(answer.headers ?? {});
  if (typeof answer.body === 'string') incoming.response.type('text/html').send(answer.body);
  else incoming.response.json(answer.body);
}

async function withFault(
  fault: Fault | { kind: 'outage' } | undefined,
  work: () => Answer,
  faults: Faults,
  request: Request,
): Promise<Answer> {
  const drop = () => {
    request.socket.destroy();
    return new DroppedConnection('dropped by a fault');
  };
  switch (fault?.kind) {
    case 'outage':
    case 'drop_before':
      throw drop();
    case 'drop_after':
      work();
      throw drop();
    case '429':
      return limited(fault.retryAfter ?? 1) ?? work();
    case '5xx':
      return { status: fault.status ?? 503, body: { ok: false, error: 'service_unavailable' } };
    case 'error':
      return { status: 200, body: { ok: false, error: fault.error ?? 'internal_error' } };
    case 'slow': {
      const answer = work();
      await delay(fault.ms ?? 1000);
      return answer;
    }
    case 'hold': {
      const answer = work();
      await faults.cleared(fault);
      return answer;
    }
    default:
      return work();
  }
}
