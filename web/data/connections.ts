/** Connections, as admins keep them. */
import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import { connectionView, paths, type ConnectionInput, type ConnectionView } from '#shared/api-schemas.ts';
import { connectionCheck } from '#shared/connection-check.ts';
import { ask, askFor } from './ask.ts';

export type ConnectionChange = Partial<ConnectionBody> & { name: string };
/** As it is sent: durations are texts. */
type Durations = 'expire' | 'maxRuntime' | 'maxDuration' | 'idle' | 'keep';
type ConnectionBody = Omit<ConnectionInput, Durations> & Record<Durations, string>;

const all = ['connections'] as const;
const key = (name: string) => [...all, 'one', name] as const;

export const connectionsQuery = queryOptions({
  queryKey: [...all, 'all'],
  queryFn: ({ signal }) => askFor(z.array(connectionView), paths.connections, { signal }),
});

export const connectionQuery = (name: string) =>
  queryOptions({
    queryKey: key(name),
    queryFn: ({ signal }) => askFor(connectionView, paths.connection(name), { signal }),
  });

/** What saving it would do; null: nothing is to be saved. Values of variables are in the key, so it is soon forgotten. */
export const connectionCheckQuery = (change: ConnectionChange | null) =>
  queryOptions({
    queryKey: [...all, 'check', change],
    queryFn: ({ signal }) => checkConnection(change ?? { name: '' }, signal),
    enabled: change !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

export const checkConnection = (change: ConnectionChange, signal?: AbortSignal) =>
  askFor(connectionCheck, paths.connectionCheck, { method: 'POST', body: change, ...(signal && { signal }) });

/** Channels are posted to before the answer comes, and Slack may ask to wait. */
export const saveConnection = (change: ConnectionChange) =>
  askFor(connectionView, paths.connections, { method: 'POST', body: change });

export const deleteConnection = async (name: string) => void (await ask(paths.connection(name), { method: 'DELETE' }));

export function connectionSaved(client: QueryClient, view: ConnectionView): void {
  client.setQueryData(key(view.name), view);
  void client.invalidateQueries({ queryKey: connectionsQuery.queryKey });
}

export function connectionDeleted(client: QueryClient, name: string): void {
  client.removeQueries({ queryKey: key(name) });
  void client.invalidateQueries({ queryKey: connectionsQuery.queryKey });
}
