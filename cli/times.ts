/** Times for people, in their own time zone. Written by hand: `Intl` costs more than the rest of a short command. */
import { formatDuration, parseDuration } from '#shared/duration-text.ts';
import { usageError } from './terminal.ts';

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

/**
 * The ISO time that an option names: a duration ago (`2h`, `7d`), a date or a time in the time zone of this machine
 * (`2026-11-23`, `2026-11-23 14:00`), or an ISO time.
 */
export function timeOption(option: string, text: string, now = Date.now()): string {
  const typed = text.trim();
  const ago = /^\d+$/.test(typed) ? null : parseDuration(typed);
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/i.exec(typed);
  // a date alone would count as UTC otherwise
  const time = parts ? new Date(`${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? ''}`).getTime() : Number.NaN;
  const at = ago === null ? time : now - ago * 1000;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw usageError(
    `${option} takes a time such as 2h (ago), 2026-11-23, '2026-11-23 14:00' or 2026-11-23T14:00:00Z, not ${JSON.stringify(text)}.`,
  );
}

function localDate(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
