import { List, Text } from '@mantine/core';
import type { PluginView } from '#shared/api-schemas.ts';
import { Section } from '../../ui/section.tsx';
import { Mono, VisibleText } from '../../ui/visible-text.tsx';
import { When } from '../../ui/when.tsx';

/** Channels that take no messages, and what to do; nothing where all do. */
export function RefusingChannels({ channels }: { channels: PluginView['channels'] }) {
  const refusing = channels.flatMap(({ failure, ...channel }) => (failure === null ? [] : [{ ...channel, failure }]));
  if (refusing.length === 0) return null;
  return (
    <Section title="Channels that refuse">
      <Text size="sm">Requests are not shown there. What waits is posted as soon as the channel takes it.</Text>
      <List size="sm" spacing="xs">
        {refusing.map(({ id, name, failure }) => (
          <List.Item key={id}>
            <strong>
              <VisibleText>{name}</VisibleText>
            </strong>{' '}
            {name !== id && <Mono>{id}</Mono>} <VisibleText>{failure.message}</VisibleText>{' '}
            <Text span inherit c="dimmed">
              Since <When at={failure.since} />, {failure.count} {failure.count === 1 ? 'try' : 'tries'}, the last{' '}
              <When at={failure.lastAt} />.
            </Text>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}
