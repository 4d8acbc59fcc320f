/** How far the installation is on the way to its first command; for admins. */
import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { paths } from '#shared/api-schemas.ts';
import { firstRunView, type FirstRunView } from '#shared/first-run-schemas.ts';
import { askFor } from './ask.ts';

const key = ['first-run'] as const;

export const firstRunQuery = queryOptions({
  queryKey: key,
  queryFn: ({ signal }) => askFor(firstRunView, paths.firstRun, { signal }),
  // Once it is over it is over.
  staleTime: ({ state }) => (state.data?.open === false ? Infinity : 1000),
});

/** Something changed that its steps may show. */
export function firstRunMayHaveChanged(client: QueryClient): void {
  if (client.getQueryData(firstRunQuery.queryKey)?.open) void client.invalidateQueries({ queryKey: key });
}

export async function dismissFirstRun(client: QueryClient): Promise<void> {
  const answer = await askFor(firstRunView, paths.firstRunDismiss, { method: 'POST' });
  await client.cancelQueries({ queryKey: key });
  client.setQueryData(firstRunQuery.queryKey, answer);
}

/** Nothing could run here yet, and nobody tried. */
export const isEmptyInstallation = ({ open, connection, lastSession }: FirstRunView): boolean =>
  open && connection === null && lastSession === null;
