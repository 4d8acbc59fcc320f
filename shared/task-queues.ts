/** Names of Temporal task queues and workflows. A prefix keeps installations on one namespace apart. */
export interface TaskQueues {
  /** Workflows and control activities. */
  control: string;
  /** Slack messages, paced on their own. */
  slack: string;
  /** `execute`, polled by the gateway that holds the agent's socket. */
  agent: (agentName: string) => string;
}

export function taskQueues(prefix = ''): TaskQueues {
  return {
    control: `${prefix}hoop`,
    slack: `${prefix}hoop-slack`,
    agent: (agentName) => `${prefix}agent-${agentName}`,
  };
}

/** Of the one workflow of the control queue. */
export const workflowType = 'sessionReview';

export const workflowId = (sessionId: string): string => `session-${sessionId}`;

/** The session that a workflow id names; undefined for ids of other workflows. */
export function sessionIdOf(id: string): string | undefined {
  return /^session-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/.exec(id)?.[1];
}
