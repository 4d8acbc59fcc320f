import { Button, Container } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { Me } from '#shared/api-schemas.ts';
import { api, hasCode } from '../util/api.ts';
import { pages } from '../util/paths.ts';
import { signedOut } from '../util/queries.ts';
import classes from './header.module.css';

export function Header({ me }: { me: Me }) {
  const client = useQueryClient();
  const [path, navigate] = useLocation();
  const leave = () => {
    // First away from the page, or signing in again would lead back to what the next person may not see.
    navigate(pages.signIn());
    signedOut(client);
  };
  const signOut = useMutation({
    mutationFn: api.signOut,
    onSuccess: leave,
    onError: (error) => hasCode(error, 'not_signed_in') && leave(),
  });
  const atReviews = path === pages.home || path === pages.reviews;

  return (
    <header className={classes.header}>
      <Container size="md" px="md" className={classes.bar}>
        <Link href={pages.reviews} className={classes.brand}>
          hoop
        </Link>
        <nav className={classes.nav} aria-label="Pages">
          <Link href={pages.reviews} className={classes.link} aria-current={atReviews ? 'page' : undefined}>
            Reviews
          </Link>
          <Link
            href={pages.sessions()}
            className={classes.link}
            aria-current={path === pages.sessions() ? 'page' : undefined}
          >
            Sessions
          </Link>
        </nav>
        <div className={classes.who}>
          <span className={classes.email} title={`Signed in as ${me.email}`}>
            {me.email}
          </span>
          <Button variant="default" size="xs" loading={signOut.isPending} onClick={() => signOut.mutate()}>
            Sign out
          </Button>
        </div>
      </Container>
    </header>
  );
}
