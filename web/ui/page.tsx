import { Stack, Title, type TitleProps } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import { tabTitle } from '../util/tab-title.ts';

/** One page: its title in the tab, and the heading focused on arrival, so that screen readers say where one is. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="lg">
      <PageTitle title={title} />
      {children}
    </Stack>
  );
}

/** Whoever opens the console starts at its top, as on any page; moving about inside it is what needs to be said. */
let firstTitle = true;

/** `takesFocus` is false where a field of the page has it. */
export function PageTitle({
  title,
  takesFocus = true,
  ...props
}: { title: string; takesFocus?: boolean } & TitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    tabTitle.setPage(title);
  }, [title]);
  useEffect(() => {
    if (takesFocus && !firstTitle) heading.current?.focus({ preventScroll: true });
    firstTitle = false;
  }, [takesFocus]);
  return (
    <Title order={1} size="h2" ref={heading} tabIndex={-1} {...props}>
      {props.children ?? title}
    </Title>
  );
}
