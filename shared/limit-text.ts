/** Sentences about limits, as everybody who waits is told them. */

/** "3 of 3 commands of bash run" */
export const fullText = (connection: string, maxRuns: number): string =>
  `${maxRuns} of ${maxRuns} ${maxRuns === 1 ? 'command' : 'commands'} of ${connection} ${maxRuns === 1 ? 'runs' : 'run'}`;

/** "3 of 3 commands of each instance of agent default run" */
export const agentFullText = (agent: string, maxRuns: number, instances: number): string =>
  instances === 1
    ? `agent ${agent} runs ${maxRuns} of ${maxRuns} commands`
    : `each instance of agent ${agent} runs ${maxRuns} of ${maxRuns} commands`;

export const drainingText = (agent: string): string => `agent ${agent} is being stopped and takes no new commands`;

export const removedText = (removedAt: Date): string =>
  `The recording was removed on ${removedAt.toISOString().slice(0, 10)}: its connection keeps recordings only for some time.`;
