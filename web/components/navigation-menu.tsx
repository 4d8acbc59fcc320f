import { NavLink, Stack, Text } from '@mantine/core';
import { useId } from 'react';
import { Link, useLocation } from 'wouter';
import type { Me } from '#shared/api-schemas.ts';
import { FirstStepsLink } from './first-steps-link.tsx';
import { isAt, navigation, type NavigationSection } from '../util/navigation.ts';
import { WaitingCount } from './waiting-count.tsx';

/** The pages that this person may use. */
export function NavigationMenu({ me, onChoose }: { me: Me; onChoose: () => void }) {
  return (
    <Stack gap="md">
      <FirstStepsLink me={me} onChoose={onChoose} />
      {navigation
        .filter(({ adminOnly, items }) => items.length > 0 && (me.admin || !adminOnly))
        .map((section) => (
          <MenuSection key={section.title} section={section} onChoose={onChoose} />
        ))}
    </Stack>
  );
}

function MenuSection({ section: { title, items }, onChoose }: { section: NavigationSection; onChoose: () => void }) {
  const id = useId();
  const [path] = useLocation();
  return (
    <div role="group" aria-labelledby={title === null ? undefined : id}>
      {title !== null && (
        <Text id={id} size="xs" c="dimmed" fw={600} px="sm" pb={4}>
          {title}
        </Text>
      )}
      {items.map((item) => {
        const active = isAt(item, path);
        return (
          <NavLink
            key={item.href}
            component={Link}
            href={item.href}
            label={item.label}
            leftSection={<item.icon size={18} stroke={1.6} aria-hidden />}
            rightSection={item.counts === 'waiting' ? <WaitingCount /> : undefined}
            active={active}
            aria-current={active ? 'page' : undefined}
            onClick={onChoose}
            variant="light"
            style={{ borderRadius: 'var(--mantine-radius-sm)' }}
          />
        );
      })}
    </div>
  );
}
