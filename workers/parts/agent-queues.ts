/** Polls the task queues of the agents that are connected here, each with an activity-only worker. */
import { Worker, type NativeConnection } from '@temporalio/worker';
import type { AgentHub } from '#api/relay/agent-hub.ts';
import { createExecute } from '#activities/execute.ts';
import type { Core } from '#core/context.ts';
import type { GatewayKey } from '#core/gateway-key.ts';
import { workerIdentity } from '#core/take-up-runs.ts';
import type { WaitingRuns } from '#core/waiting-runs.ts';

export interface AgentQueues {
  set(agentName: string, here: boolean): void;
  close(): Promise<void>;
}

export interface AgentQueuesOptions {
  core: Core;
  connection: NativeConnection;
  namespace: string;
  gatewayId: string;
  gatewayKey: GatewayKey;
  waiting: WaitingRuns;
  hub: () => AgentHub;
}

/** After a failure, e.g. because Temporal is away while an agent dials in. */
const retryAfterMs = 2000;

interface Poller {
  wanted: boolean;
  retry?: NodeJS.Timeout;
  /** Start and stop of a queue's worker follow one another, never side by side. */
  work: Promise<void>;
  worker?: Worker;
  running?: Promise<void>;
}

export function createAgentQueues(options: AgentQueuesOptions): AgentQueues {
  const { core } = options;
  const pollers = new Map<string, Poller>();

  const settle = async (agentName: string, poller: Poller): Promise<void> => {
    if (poller.wanted && !poller.worker) {
      const execute = createExecute({
        core,
        gatewayKey: options.gatewayKey.privateKey,
        agentName,
        gatewayId: options.gatewayId,
        waiting: options.waiting,
        line: (journalId) => options.hub().line(agentName, journalId),
      });
      poller.worker = await Worker.create({
        connection: options.connection,
        namespace: options.namespace,
        identity: workerIdentity(options.gatewayId),
        taskQueue: core.queues.agent(agentName),
        activities: { execute },
        maxConcurrentActivityTaskExecutions: 500,
        // a revocation reaches a run with its next beat
        maxHeartbeatThrottleInterval: '500ms',
        defaultHeartbeatThrottleInterval: '500ms',
        shutdownGraceTime: '1ms',
      });
      poller.running = poller.worker.run().catch((error: Error) => {
        core.log.error({ agent: agentName, err: error }, 'polling for an agent failed');
        delete poller.worker;
        tryAgain(agentName, poller);
      });
    } else if (!poller.wanted && poller.worker) {
      poller.worker.shutdown();
      await poller.running;
      delete poller.worker;
    }
  };
  /** An agent that is here and not polled for would look online and never be given anything. */
  const tryAgain = (agentName: string, poller: Poller): void => {
    clearTimeout(poller.retry);
    if (poller.wanted) poller.retry = setTimeout(() => set(agentName, poller.wanted), retryAfterMs);
  };
  const set = (agentName: string, here: boolean): void => {
    const poller = pollers.get(agentName) ?? { wanted: false, work: Promise.resolve() };
    pollers.set(agentName, poller);
    poller.wanted = here;
    clearTimeout(poller.retry);
    poller.work = poller.work
      .then(() => settle(agentName, poller))
      .catch((error: Error) => {
        core.log.error({ agent: agentName, err: error }, 'could not poll for an agent');
        tryAgain(agentName, poller);
      });
  };
  return {
    set,
    async close() {
      for (const agentName of pollers.keys()) set(agentName, false);
      await Promise.all([...pollers.values()].map((poller) => poller.work));
    },
  };
}
