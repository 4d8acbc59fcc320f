import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMe } from './frame.tsx';

/** For admins; others are told why they see nothing of it. `do` as in "set up Slack". */
export function AdminsOnly({ do: what, children }: { do: string; children: ReactNode }) {
  const { admin } = useMe();
  if (admin) return children;
  return <Text>Only members of the group admin may {what}. Ask one of them.</Text>;
}
