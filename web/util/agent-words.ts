/** Agents in words. */
import type { AgentView } from '#shared/api-schemas.ts';

export type AgentInstance = AgentView['instances'][number];

/** `online`, `online (1 of 2)`, `is being stopped`, `offline`, `never connected`. */
export function agentState({ online, instances }: Pick<AgentView, 'online' | 'instances'>): string {
  if (instances.length === 0) return 'never connected';
  if (!online) return 'offline';
  const connected = instances.filter((instance) => instance.online);
  if (connected.every(({ draining }) => draining)) return 'is being stopped';
  return connected.length === instances.length ? 'online' : `online (${connected.length} of ${instances.length})`;
}

export const runningOf = ({ instances }: Pick<AgentView, 'instances'>): string[] =>
  instances.flatMap(({ running }) => running);

export const countText = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const roundTripText = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);
