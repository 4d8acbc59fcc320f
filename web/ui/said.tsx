import { Alert } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

/** What came of a button that is gone now: read out, and where the keyboard goes on. */
export function Said({ title, color = 'green', children }: { title: string; color?: string; children: ReactNode }) {
  const said = useRef<HTMLDivElement>(null);
  useEffect(() => said.current?.focus(), []);
  return (
    <Alert ref={said} tabIndex={-1} color={color} role="status" title={title}>
      {children}
    </Alert>
  );
}
