import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { permissionFor } from '../util/session-words.ts';
import classes from './decision-dock.module.css';
import type { DialogAction } from './decision-dialog.tsx';

interface Props {
  session: SessionDetail;
  /** The request was on the screen to its end, and looked at again if it changed. */
  isRead: boolean;
  /** The buttons on the page itself; while they are in sight no others are needed. */
  buttons: RefObject<HTMLElement | null>;
  onAction: (action: DialogAction) => void;
}

/** On a narrow screen: Approve and Reject at its lower edge, once the request was read. */
export function DecisionDock({ session, isRead, buttons, onAction }: Props) {
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [isBeside, setBeside] = useState(true);
  const mayDecide =
    session.review.groups.length > 0 &&
    permissionFor(session, 'approve').allowed &&
    permissionFor(session, 'reject').allowed;
  const isOffered = isNarrow && mayDecide;
  useEffect(() => {
    if (!isOffered || !buttons.current) return;
    const observer = new IntersectionObserver((entries) => setBeside(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(buttons.current);
    return () => observer.disconnect();
  }, [isOffered, buttons]);

  if (!isOffered) return null;
  return (
    <>
      {/* From the first on, so that nothing moves later and the end of the page is never covered. */}
      <div className={classes.room} aria-hidden />
      {isRead && !isBeside && (
        <section className={classes.dock} aria-label="Decide on this request">
          <Button color="green.9" onClick={() => onAction('approve')}>
            Approve
          </Button>
          <Button color="red" variant="outline" onClick={() => onAction('reject')}>
            Reject
          </Button>
        </section>
      )}
    </>
  );
}

/** Stands at the end of what has to be read, and tells once it was on the screen. */
export function EndMark({ onSeen }: { onSeen: () => void }) {
  const mark = useRef<HTMLSpanElement>(null);
  const tell = useRef(onSeen);
  useEffect(() => {
    tell.current = onSeen;
  });
  useEffect(() => {
    if (!mark.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) tell.current();
      },
      // above where the dock will stand, which must not cover the last lines as they are reached
      { rootMargin: '0px 0px -64px 0px' },
    );
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, []);
  return <span ref={mark} className={classes.end} aria-hidden />;
}
