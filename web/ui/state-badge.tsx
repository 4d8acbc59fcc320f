import { Badge } from '@mantine/core';
import type { SessionView } from '#shared/api-schemas.ts';
import { wordsOf } from '../util/session-words.ts';

export function StateBadge({ session, size = 'md' }: { session: SessionView; size?: 'md' | 'lg' }) {
  const { label, color } = wordsOf(session);
  return (
    <Badge variant="dot" color={color} size={size} tt="none" style={{ flexShrink: 0 }}>
      {label}
    </Badge>
  );
}
