import { absoluteTime, relativeTime } from '../util/time.ts';
import { useNow } from '../util/use-now.ts';

/** An instant as distance from now, exact on hover; `exact` shows both. */
export function When({ at, exact = false }: { at: string; exact?: boolean }) {
  const distance = relativeTime(at, useNow());
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {exact ? `${absoluteTime(at)} (${distance})` : distance}
    </time>
  );
}
