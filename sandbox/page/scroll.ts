import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ShownMessage } from './api.ts';

/** This close to the end counts as being there. */
const NEAR_PX = 60;
/** Older messages are asked for before one gets to the top. */
const AHEAD_PX = 400;

/**
 * Where a list of messages stands: at its end it follows what comes; anywhere else, what one reads stays where it is,
 * whatever is added or changes above and below.
 */
export function useScroll(messages: ShownMessage[], older: (() => void) | undefined) {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const anchor = useRef<{ ts: string; top: number } | null>(null);
  const [atEnd, setAtEnd] = useState(true);

  const remember = useCallback(() => {
    const box = list.current!;
    following.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    setAtEnd(following.current);
    anchor.current = firstInSight(box);
  }, []);

  const settle = useCallback(() => {
    const box = list.current;
    if (!box) return;
    if (following.current) box.scrollTop = box.scrollHeight;
    else if (anchor.current) {
      const element = box.querySelector(`[data-ts="${anchor.current.ts}"]`);
      if (element) box.scrollTop += topIn(box, element) - anchor.current.top;
    }
  }, []);

  useLayoutEffect(settle, [messages, settle]);
  useEffect(() => {
    // Pictures that load, a window that changes its size, a composer that grows.
    const observer = new ResizeObserver(settle);
    observer.observe(content.current!);
    observer.observe(list.current!);
    return () => observer.disconnect();
  }, [settle]);
  const askForOlder = useCallback(() => {
    if (older && list.current!.scrollTop < AHEAD_PX) older();
  }, [older]);
  useEffect(askForOlder, [askForOlder, messages]);

  const onScroll = useCallback(() => {
    remember();
    askForOlder();
  }, [remember, askForOlder]);
  const toEnd = useCallback(() => {
    following.current = true;
    settle();
  }, [settle]);
  return { list, content, atEnd, toEnd, onScroll };
}

const topIn = (box: Element, element: Element) => element.getBoundingClientRect().top - box.getBoundingClientRect().top;

/** The first message of which something can be seen, found by halving: there may be thousands. */
function firstInSight(box: Element): { ts: string; top: number } | null {
  const elements = box.querySelectorAll<HTMLElement>('[data-ts]');
  const edge = box.getBoundingClientRect().top;
  let [low, high] = [0, elements.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle]!.getBoundingClientRect().bottom > edge) high = middle;
    else low = middle + 1;
  }
  const element = elements[low];
  return element ? { ts: element.dataset.ts!, top: topIn(box, element) } : null;
}
