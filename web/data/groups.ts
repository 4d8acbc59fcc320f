/** Groups of people, as admins pick them. */
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { paths } from '#shared/api-schemas.ts';
import { groupView } from '#shared/group-schemas.ts';
import { askFor } from './ask.ts';

export const groupsQuery = queryOptions({
  // told of with the users who are in them
  queryKey: ['users', 'groups'],
  queryFn: ({ signal }) => askFor(z.array(groupView), paths.groups, { signal }),
});
