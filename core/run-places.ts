/** Through which gateways the agents of runs are connected. */
import { findRunPlaces, type RunPlace } from '#db/agents.ts';
import type { Core } from './context.ts';

export type { RunPlace };

/** Of those sessions whose run is not over and whose agent instance is connected now. */
export async function runPlaces(core: Pick<Core, 'db'>, sessionIds: string[]): Promise<Map<string, RunPlace>> {
  const places = await findRunPlaces(core.db, sessionIds);
  return new Map(places.map((place) => [place.sessionId, place]));
}
