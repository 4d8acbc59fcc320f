/** Times as Slack words them, in the reader's time zone. https://docs.slack.dev/messaging/formatting-message-text#date-formatting */

const DAY_MS = 86_400_000;

const startOfDay = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** Days from `now` to `at`: 0 today, -1 yesterday. */
const daysFrom = (at: Date, now: Date) => Math.round((startOfDay(at) - startOfDay(now)) / DAY_MS);

export const timeOf = (at: Date) => at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** "Today", "Yesterday", or the date. */
export function dayOf(at: Date, now = new Date()): string {
  return (
    near(at, now) ?? at.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long', ...year(at, now) })
  );
}

const year = (at: Date, now: Date) => (at.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const));

function near(at: Date, now: Date): string | undefined {
  return { '-1': 'Yesterday', '0': 'Today', '1': 'Tomorrow' }[String(daysFrom(at, now))];
}

function ago(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat([], { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

const FORMATS: Record<string, (at: Date, now: Date) => string> = {
  date_num: (at) =>
    [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, '0')).join('-'),
  date: (at) => at.toLocaleDateString([], { day: 'numeric', month: 'long', year: 'numeric' }),
  date_short: (at) => at.toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' }),
  date_long: (at) => at.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
  time: timeOf,
  time_secs: (at) => at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
  ago,
};

/** `{date_short_pretty} at {time}` filled in; what is no token stays. The `_pretty` ones say "today" where they can. */
export function formatDate(seconds: number, format: string, now = new Date()): string {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return '';
  return format.replace(/\{(\w+)\}/g, (whole, token: string, index: number) => {
    if (token === 'day_divider_pretty') return dayOf(at, now);
    const words = FORMATS[token.replace(/_pretty$/, '')]?.(at, now) ?? whole;
    const pretty = token.endsWith('_pretty') ? near(at, now) : undefined;
    return pretty ? (index === 0 ? pretty : pretty.toLowerCase()) : words;
  });
}
