/** How each part of hoop is: measured when it is asked for. */
import { queryOptions } from '@tanstack/react-query';
import { paths } from '#shared/api-schemas.ts';
import { healthView } from '#shared/health-schemas.ts';
import { askFor } from './ask.ts';

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => askFor(healthView, paths.health, { signal }),
  // each measuring asks every part of hoop
  staleTime: 5000,
});
