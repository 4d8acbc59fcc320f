/** Times for people, in their own time zone. Written by hand: `Intl` costs more than the rest of a short command. */
import { formatDuration } from '#shared/duration-text.ts';

const two = (n: number) => String(n).padStart(2, '0');

/** `14:03` today, else `2026-11-24 14:03`. */
export function localTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === now.toDateString() ? clock : `${localDate(at)} ${clock}`;
}

/** `2026-11-24 14:03:27`, or a dash. */
export function localStamp(iso: string | null): string {
  if (iso === null) return '-';
  const at = new Date(iso);
  return `${localDate(at)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The time that is left until `iso`, by its greatest units only: `24h`, `1h30m`, `45s`. */
export function timeLeft(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((Date.parse(iso) - now) / 1000));
  return formatDuration(seconds >= 120 ? Math.round(seconds / 60) * 60 : seconds);
}

function localDate(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
