import { Anchor } from '@mantine/core';
import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { isEndState } from '#shared/session-states.ts';
import { pendingQuery } from '../data/reviews.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import { pages } from '../util/paths.ts';
import { permissionFor } from '../util/session-words.ts';
import { useKeys } from '../util/use-keys.ts';
import type { DialogAction } from './decision-dialog.tsx';
import { KeysHelp } from './keys-help.tsx';

const keys = [
  ['a', 'approve it'],
  ['r', 'reject it'],
  ['j k', 'the next request that waits for you, the one before'],
  ['?', 'these keys'],
] as const;

interface Props {
  session: SessionDetail;
  onAction: (action: DialogAction) => void;
  /** Why a key does nothing. */
  onRefused: (sentence: string) => void;
}

/** Deciding by keyboard, and going from one waiting request to the next. */
export function SessionKeys({ session, onAction, onRefused }: Props) {
  const [help, setHelp] = useState(false);
  const [, navigate] = useLocation();
  const client = useQueryClient();
  useInfiniteQuery(pendingQuery('mine')); // loaded before a key asks for it, and kept
  const isReviewed = session.review.groups.length > 0 && !isEndState(session.state);
  const decide = (action: 'approve' | 'reject') => () => {
    const { allowed, why } = permissionFor(session, action);
    if (allowed) onAction(action);
    else onRefused(why ?? 'The gateway does not allow this to you.');
  };
  const leave = (by: 1 | -1, { pages: loaded }: InfiniteData<SessionView[]>) => {
    const waiting = loaded.flat();
    const at = waiting.findIndex(({ id }) => id === session.id);
    const next = at === -1 ? waiting[by === 1 ? 0 : waiting.length - 1] : waiting[at + by];
    if (next) navigate(pages.session(next.id));
    else onRefused('No other request waits for you there.');
  };
  const go = async (by: 1 | -1) => {
    try {
      leave(by, await client.ensureInfiniteQueryData(pendingQuery('mine')));
    } catch {
      onRefused('What waits for you could not be loaded. Try again.');
    }
  };
  useKeys({
    a: isReviewed ? decide('approve') : undefined,
    r: isReviewed ? decide('reject') : undefined,
    j: () => void go(1),
    k: () => void go(-1),
    '?': () => setHelp(true),
  });
  return help && <KeysHelp keys={keys} onClose={() => setHelp(false)} />;
}

/** After a decision: the way to the next one, in focus. */
export function NextWaiting({ after }: { after: string }) {
  const waiting = useInfiniteQuery(pendingQuery('mine')).data?.pages.flat() ?? [];
  const next = waiting.find(({ id }) => id !== after);
  const link = useRef<HTMLAnchorElement>(null);
  const found = next !== undefined;
  useEffect(() => {
    if (found) link.current?.focus({ preventScroll: true });
  }, [found]);
  if (!next) return null;
  return (
    <div>
      <Anchor component={Link} href={pages.session(next.id)} ref={link} inherit>
        Next that waits for you: <VisibleText>{next.connection}</VisibleText>, asked by{' '}
        <VisibleText>{next.requester.name}</VisibleText>
      </Anchor>
    </div>
  );
}
