import { Alert, Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { isGranted } from '#shared/session-states.ts';
import { When } from '../ui/when.tsx';
import { ownGrantsQuery } from '../data/run.ts';
import { pages } from '../util/paths.ts';
import { isGrant } from '../util/session-words.ts';

/** A grant that is there already, or asked for: another one is seldom what is wanted. */
export function OpenGrants({ connection }: { connection: string }) {
  const { data } = useQuery(ownGrantsQuery(connection));
  const grants = data?.filter(isGrant) ?? [];
  const open = grants.find(({ state }) => state === 'active') ?? grants[0];
  if (!open || open.state === 'closing') return null;
  return (
    <Alert color="blue" title={isGranted(open.state) ? 'You have a grant here' : 'You have asked for a grant here'}>
      <Text size="sm">
        {open.activeUntil !== null && (
          <>
            It ends <When at={open.activeUntil} />.{' '}
          </>
        )}
        <Anchor component={Link} href={pages.connect(connection)} inherit>
          {isGranted(open.state) ? 'Open a terminal under it' : 'Wait for it'}
        </Anchor>
      </Text>
    </Alert>
  );
}
