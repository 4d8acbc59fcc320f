import { absoluteTime, relativeTime } from '../util/time.ts';
import { useNow } from '../util/use-now.ts';
import classes from './text.module.css';

const soonMs = 60 * 60_000;

/** Until when something waits; close to its end it says so, in words and colour. */
export function Expires({ at }: { at: string }) {
  const now = useNow();
  const left = Date.parse(at) - now;
  const distance = relativeTime(at, now);
  const text = left <= 0 ? 'has expired' : left < soonMs ? `expires soon, ${distance}` : `expires ${distance}`;
  return (
    <time dateTime={at} title={absoluteTime(at)} className={left < soonMs ? classes.urgent : undefined}>
      {text}
    </time>
  );
}
