import type { ReactNode } from 'react';

const SAFE = /^(https?:\/\/|mailto:)/i;

export const isSafe = (url: string): boolean => SAFE.test(url);

/** A link an app made up: it opens in a tab of its own, and only words are left of one that would run script. */
export function SafeLink({ url, children }: { url: string; children: ReactNode }) {
  if (!isSafe(url)) return <span className="dead-link">{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
