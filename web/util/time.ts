/** Times as people read them. */
import { formatDuration } from '#shared/duration.ts';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

const steps = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const;

/** `3 minutes ago`, `in 23 hours`; under a minute: `just now`, `in a moment`. */
export function relativeTime(iso: string, now: number): string {
  const distance = Date.parse(iso) - now;
  const step = steps.find(({ ms }) => Math.abs(distance) >= ms);
  if (!step) return distance > 1000 ? 'in a moment' : 'just now';
  return relative.format(Math.trunc(distance / step.ms), step.unit);
}

export function absoluteTime(iso: string): string {
  return absolute.format(new Date(iso));
}

/** Time between two instants: `340 ms`, `4.2 s`, `1h30m`. */
export function spanBetween(from: string, to: string): string {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return formatDuration(ms / 1000);
}

/** A time of a recording: `0:07`, `12:34`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
