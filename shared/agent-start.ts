/** What an admin types beside the resource to start an agent. */

export const agentStartCommand = (gatewayUrl: string, token: string): string =>
  `HOOP_GATEWAY_URL=${gatewayUrl} HOOP_AGENT_TOKEN=${token} hoop start agent`;

/** The same with the token in a file, so that no list of processes and no history of a shell has it. */
export const agentStartFromFile = (gatewayUrl: string, file: string): string =>
  `HOOP_GATEWAY_URL=${gatewayUrl} HOOP_AGENT_TOKEN="$(cat ${file})" hoop start agent`;
