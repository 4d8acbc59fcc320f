import { NavLink } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconListCheck } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import type { Me } from '#shared/api-schemas.ts';
import { firstRunQuery } from '../data/first-run.ts';
import { pages } from '../util/paths.ts';

/** The way back to the first steps from wherever one of them led; for admins, while there are some. */
export function FirstStepsLink({ me, onChoose }: { me: Me; onChoose: () => void }) {
  const [path] = useLocation();
  const { data } = useQuery({ ...firstRunQuery, enabled: me.admin });
  if (!data?.open) return null;
  const active = path === pages.welcome;
  return (
    <NavLink
      component={Link}
      href={pages.welcome}
      label="First steps"
      leftSection={<IconListCheck size={18} stroke={1.6} aria-hidden />}
      active={active}
      aria-current={active ? 'page' : undefined}
      onClick={onChoose}
      variant="light"
      style={{ borderRadius: 'var(--mantine-radius-sm)' }}
    />
  );
}
