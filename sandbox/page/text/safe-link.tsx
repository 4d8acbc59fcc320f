import type { ReactNode } from 'react';
import { useClient } from '../client.ts';
import { addressHere } from '../place.ts';

const SAFE = /^(https?:\/\/|mailto:)/i;

export const isSafe = (url: string): boolean => SAFE.test(url);

/** A link an app made up: it opens in a tab of its own, and only words are left of one that would run script. */
export function SafeLink({ url, children }: { url: string; children: ReactNode }) {
  const { team } = useClient();
  if (!isSafe(url)) return <span className="dead-link">{children}</span>;
  const message = messageOf(url, team.domain);
  if (message) return <a href={addressHere(message)}>{children}</a>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** The message a permalink of this workspace means: as in Slack, it opens right here, with its thread. */
function messageOf(url: string, domain: string): { channel: string; thread: string } | undefined {
  const { host, pathname, searchParams } = URL.canParse(url) ? new URL(url) : new URL('about:blank');
  const [, channel, seconds, rest] = /^\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})$/.exec(pathname) ?? [];
  if (host !== `${domain}.slack.com` || !channel) return undefined;
  return { channel, thread: searchParams.get('thread_ts') ?? `${seconds}.${rest}` };
}
