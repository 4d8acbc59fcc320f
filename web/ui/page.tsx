import { Stack, Title, type TitleProps } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

/** One page: its title in the tab, and the heading focused on arrival, so that screen readers say where one is. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="lg">
      <PageTitle title={title} />
      {children}
    </Stack>
  );
}

export function PageTitle({ title, ...props }: { title: string } & TitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · hoop`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <Title order={1} size="h2" ref={heading} tabIndex={-1} {...props}>
      {props.children ?? title}
    </Title>
  );
}
