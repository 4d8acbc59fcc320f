/** Agents as text for people. Safe for a terminal: hosts name themselves. */
import type { AgentView } from '#shared/api-schemas.ts';
import { oneLine } from '#shared/safe-text.ts';
import { localStamp } from './times.ts';

type Instance = AgentView['instances'][number];

export const maxRunsText = ({ maxRuns }: Pick<AgentView, 'maxRuns'>): string =>
  maxRuns === 0 ? 'no limit' : `${maxRuns} at once, each instance`;

/** One line an instance: `db-1 0.2.0 zone=a, connected since ..., 0.6 ms, runs 7c9e6679`. */
export function instanceText(instance: Instance): string {
  const { hostname, version, labels, online, draining, gateway, connectedAt, lastSeenAt, roundTripMs } = instance;
  const named = Object.entries(labels)
    .sort()
    .map(([key, value]) => `${key}=${value}`);
  const who = [hostname, version, ...named].join(' ');
  const parts = online
    ? [
        `connected to ${gateway ?? 'a gateway'} since ${localStamp(connectedAt)}`,
        ...(roundTripMs === null ? [] : [`round trip ${roundTripText(roundTripMs)}`]),
        ...(draining ? ['is being stopped'] : []),
      ]
    : [`offline, last seen ${localStamp(lastSeenAt)}`];
  return oneLine([who, ...parts, runsText(instance)].join(', '));
}

const shownRuns = 5;

/** `runs 2: 7c9e6679, 01b2c3d4`; the ids as far as commands take them. */
export function runsText({ running }: Pick<Instance, 'running'>): string {
  if (running.length === 0) return 'runs nothing';
  const ids = running.slice(0, shownRuns).map((id) => id.slice(0, 8));
  const more = running.length > shownRuns ? `, and ${running.length - shownRuns} more` : '';
  return `runs ${running.length}: ${ids.join(', ')}${more}`;
}

const roundTripText = (ms: number): string => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);

/** Of a list: `online`, `online (1 of 2)`, `is being stopped`, `offline`. */
export function agentStateText({ online, instances }: AgentView): string {
  if (!online) return 'offline';
  const connected = instances.filter((instance) => instance.online);
  if (connected.every(({ draining }) => draining)) return 'is being stopped';
  return connected.length === instances.length ? 'online' : `online (${connected.length} of ${instances.length})`;
}
