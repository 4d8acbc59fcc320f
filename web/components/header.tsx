import { Burger, Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { Me } from '#shared/api-schemas.ts';
import { hasCode } from '../data/ask.ts';
import { signedOut } from '../data/query-client.ts';
import { signOut } from '../data/sign-in.ts';
import { pages } from '../util/paths.ts';
import { forgetDrafts } from '../util/run-draft.ts';
import classes from './header.module.css';

interface Props {
  me: Me;
  /** Whether the pages are shown on a phone. */
  menuOpen: boolean;
  onMenu: () => void;
}

/** Where one is signed in, and as whom. */
export function Header({ me, menuOpen, onMenu }: Props) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const leave = () => {
    // First away from the page, or signing in again would lead back to what the next person may not see.
    navigate(pages.signIn());
    forgetDrafts();
    signedOut(client);
  };
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: leave,
    onError: (error) => hasCode(error, 'not_signed_in') && leave(),
  });

  return (
    <Group h="100%" px="md" gap="sm" wrap="nowrap">
      <Burger
        opened={menuOpen}
        onClick={onMenu}
        hiddenFrom="sm"
        size="sm"
        aria-label="Pages"
        aria-expanded={menuOpen}
        aria-controls="pages"
      />
      <Link href={pages.home} className={classes.brand}>
        hoop
      </Link>
      <span className={classes.email} title={`Signed in as ${me.email}`}>
        {me.email}
      </span>
      <Button
        variant="default"
        size="xs"
        style={{ flexShrink: 0 }}
        loading={leaving.isPending}
        onClick={() => leaving.mutate()}
      >
        Sign out
      </Button>
    </Group>
  );
}
