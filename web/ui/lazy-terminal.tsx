import { Skeleton } from '@mantine/core';
import { Suspense, lazy } from 'react';
import type { TerminalScreenProps } from './terminal-screen.tsx';

export type { TerminalHandle } from './terminal-screen.tsx';

const TerminalScreen = lazy(() => import('./terminal-screen.tsx'));

/** Height of a line as the terminal draws it, in pixels. */
const lineHeight = 17;

/** A terminal; its program is loaded with the first one that is shown, and its place is held until then. */
export function LazyTerminal(props: TerminalScreenProps) {
  const height = props.size ? props.size.rows * lineHeight : (props.height ?? '24rem');
  return (
    <Suspense fallback={<Skeleton height={height} radius="sm" />}>
      <TerminalScreen {...props} />
    </Suspense>
  );
}
