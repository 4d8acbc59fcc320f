import { Anchor, Text } from '@mantine/core';
import { Link } from 'wouter';
import { Page } from '../ui/page.tsx';
import { pages } from '../util/paths.ts';

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <Text>
        The address leads nowhere. <BackToReviews />
      </Text>
    </Page>
  );
}

export function BackToReviews() {
  return (
    <Anchor component={Link} href={pages.reviews} underline="always">
      See what waits for review
    </Anchor>
  );
}
