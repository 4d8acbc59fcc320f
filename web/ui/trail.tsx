import { Anchor, Breadcrumbs, Text } from '@mantine/core';
import { Link } from 'wouter';

export interface Step {
  label: string;
  /** Without one the step is a heading of the menu, or the page itself. */
  href?: string;
}

/** Where a page stands, from the outside in. */
export function Trail({ steps }: { steps: Step[] }) {
  return (
    <Breadcrumbs component="nav" aria-label="Where this page stands" separatorMargin={6}>
      {steps.map(({ label, href }) =>
        href === undefined ? (
          <Text key={label} span size="sm" c="dimmed">
            {label}
          </Text>
        ) : (
          <Anchor key={label} component={Link} href={href} size="sm">
            {label}
          </Anchor>
        ),
      )}
    </Breadcrumbs>
  );
}
