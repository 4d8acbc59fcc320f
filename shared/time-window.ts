/**
 * Time windows of connections, e.g. `22:00-02:00 UTC`, `Mon-Fri 22:00-02:00 Europe/Berlin`, several separated by `;`.
 * Days are those on which a window opens; one that ends at or before its start ends on the next day. Pure: the clock
 * is an argument. Time zones are those of IANA, as Intl knows them.
 */

interface Part {
  /** 0: Sunday. */
  days: number[];
  /** Minutes since midnight. */
  start: number;
  end: number;
  zone: string;
}

export interface TimeWindow {
  /** As it is stored and shown. */
  text: string;
  parts: Part[];
}

/** `until`: null where it does not close within two weeks. `zone`: of the part that is open or opens next. */
export type WindowState =
  { open: true; until: Date | null; zone: string } | { open: false; opensAt: Date; zone: string };

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const everyDay = [0, 1, 2, 3, 4, 5, 6];
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Every window opens in a week; daylight saving may take one opening away. */
const horizonDays = 15;
const mostParts = 20;

/** Gives the reason, as the end of a sentence, where the text is no window. */
export function parseTimeWindow(text: string): TimeWindow | { problem: string } {
  const texts = text.split(';').map((part) => part.trim().replace(/\s+/g, ' '));
  if (texts.length > mostParts) return { problem: `has more than ${mostParts} parts` };
  const parts: Part[] = [];
  for (const one of texts) {
    const part = parsePart(one);
    if ('problem' in part) return part;
    parts.push(part);
  }
  return { text: parts.map(partText).join('; '), parts };
}

/** Of a text that was accepted before; throws a `RangeError` for any other. */
export function readTimeWindow(text: string): TimeWindow {
  const window = parseTimeWindow(text);
  if ('problem' in window) throw new RangeError(`${text} ${window.problem}`);
  return window;
}

function parsePart(text: string): Part | { problem: string } {
  const shown = JSON.stringify(text);
  const match = /^(?:([A-Za-z,-]+) )?(\d{1,2}:\d{2})-(\d{1,2}:\d{2})(?: (\S+))?$/.exec(text);
  if (!match)
    return { problem: `must be like 22:00-02:00 UTC or Mon-Fri 22:00-02:00 Europe/Berlin, and ${shown} is not` };
  const [, dayText, startText = '', endText = '', zoneText] = match;
  const days = dayText === undefined ? everyDay : parseDays(dayText);
  if (!days)
    return {
      problem: `names days that are none in ${shown}; days are ${dayNames.join(', ')}, as in Mon-Fri or Sat,Sun`,
    };
  const [start, end] = [parseTime(startText), parseTime(endText)];
  if (start === null || end === null || start === 24 * 60) {
    return { problem: `names a time that is none in ${shown}; times go from 00:00 to 23:59, and 24:00 ends a day` };
  }
  if (start === end) return { problem: `never opens: ${shown} ends when it begins; the whole day is 00:00-24:00` };
  if (zoneText === undefined) return { problem: `names no time zone in ${shown}; add one, as in 22:00-02:00 UTC` };
  const zone = zoneName(zoneText);
  if (zone === null)
    return { problem: `names a time zone that is none: ${JSON.stringify(zoneText)}; one is UTC or Europe/Berlin` };
  return { days, start, end, zone };
}

function parseDays(text: string): number[] | null {
  const days = new Set<number>();
  for (const range of text.split(',')) {
    const ends = range.split('-').map((name) => dayNames.findIndex((day) => day.toLowerCase() === name.toLowerCase()));
    const [from, to = from] = ends;
    if (from === undefined || to === undefined || ends.length > 2 || from < 0 || to < 0) return null;
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

function parseTime(text: string): number | null {
  const [hours = 99, minutes = 99] = text.split(':').map(Number);
  const total = hours * 60 + minutes;
  return minutes > 59 || total > 24 * 60 ? null : total;
}

/** As the runtime writes it; null: there is no such zone. */
function zoneName(text: string): string | null {
  if (/^(utc|z|gmt)$/i.test(text)) return 'UTC';
  // offsets change with the seasons where people live, and are no names
  if (!/^[A-Za-z]+\/[A-Za-z0-9_+/-]+$/.test(text)) return null;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

function partText({ days, start, end, zone }: Part): string {
  const names = days.length === 7 ? '' : `${daysText(days)} `;
  return `${names}${timeText(start)}-${timeText(end)} ${zone}`;
}

/** `between 22:00 and 02:00 UTC`, `on Mon-Fri between ...`, as the end of a sentence; null: the text is no window. */
export function windowWords(text: string): string | null {
  const window = parseTimeWindow(text);
  if ('problem' in window) return null;
  const words = window.parts.map(({ days, start, end, zone }) => {
    const on = days.length === 7 ? '' : `on ${daysText(days)} `;
    const isWholeDay = start === 0 && end === 24 * 60;
    if (isWholeDay) return on === '' ? `at any time of the day (${zone})` : `${on}(${zone})`;
    return `${on}between ${timeText(start)} and ${timeText(end)} ${zone}`;
  });
  return words.join(' or ');
}

/** Runs of three days and more are ranges. */
function daysText(days: number[]): string {
  const monday = (day: number) => (day + 6) % 7;
  const sorted = [...days].sort((a, b) => monday(a) - monday(b));
  const runs: number[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last !== undefined && monday(day) === monday(last) + 1) run.push(day);
    else runs.push([day]);
  }
  const named = (day: number | undefined) => dayNames[day ?? 0] ?? '';
  return runs.flatMap((run) => (run.length > 2 ? [`${named(run[0])}-${named(run.at(-1))}`] : run.map(named))).join(',');
}

const timeText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Whether the window is open at `at`, and until or from when. */
export function windowAt(window: TimeWindow, at: Date): WindowState {
  const open = openings(window, at);
  const next = open.find(({ until }) => until > at.getTime());
  if (!next) throw new RangeError(`${window.text} does not open within ${horizonDays} days`);
  if (next.from > at.getTime()) return { open: false, opensAt: new Date(next.from), zone: next.zone };
  const closes = next.until < at.getTime() + (horizonDays - 1) * dayMs;
  return { open: true, until: closes ? new Date(next.until) : null, zone: next.zone };
}

/** Milliseconds that the window stays closed at a stretch, at most; what follows a change of the clocks may be longer. */
export function longestClosed(window: TimeWindow, at: Date): number {
  const open = openings(window, at);
  return Math.max(0, ...open.slice(1).map(({ from }, i) => from - (open[i]?.until ?? from)));
}

interface Opening {
  from: number;
  until: number;
  zone: string;
}

/** From the day before `at` on, in order; those that touch are one. */
function openings({ parts }: TimeWindow, at: Date): Opening[] {
  const all = parts.flatMap((part) => openingsOf(part, at)).sort((a, b) => a.from - b.from);
  const merged: Opening[] = [];
  for (const one of all) {
    const last = merged.at(-1);
    if (last && one.from <= last.until) last.until = Math.max(last.until, one.until);
    else merged.push({ ...one });
  }
  return merged;
}

function openingsOf({ days, start, end, zone }: Part, at: Date): Opening[] {
  const today = localDay(at.getTime(), zone);
  const found: Opening[] = [];
  for (let offset = -1; offset <= horizonDays; offset += 1) {
    const day = today + offset * dayMs;
    if (!days.includes(new Date(day).getUTCDay())) continue;
    const from = instantOf(day + start * minuteMs, zone);
    const until = instantOf(day + (end <= start ? dayMs : 0) + end * minuteMs, zone);
    // clocks that are put forward may leave nothing of it
    if (from < until) found.push({ from, until, zone });
  }
  return found;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What clocks in `zone` show at `instant`, as if it were UTC. */
function localTime(instant: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    const numbers = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: 'short', ...numbers });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown + (((instant % 1000) + 1000) % 1000);
}

const localDay = (instant: number, zone: string): number => Math.floor(localTime(instant, zone) / dayMs) * dayMs;

/**
 * When clocks in `zone` show `local`: the first time where they show it twice, and the moment they are put forward
 * where they never do.
 */
function instantOf(local: number, zone: string): number {
  if (zone === 'UTC') return local;
  const offsetAt = (instant: number) => localTime(instant, zone) - instant;
  const offsets = [offsetAt(local - dayMs), offsetAt(local + dayMs)];
  const instants = offsets.map((offset) => local - offset).sort((a, b) => a - b);
  const exact = instants.find((instant) => localTime(instant, zone) === local);
  if (exact !== undefined) return exact;
  let [before, after] = [instants[0] ?? local, instants.at(-1) ?? local];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localTime(middle, zone) < local) before = middle;
    else after = middle;
  }
  return after;
}

/** `22:00 UTC`, with the day where it is another one in that zone: `Tue 24 Nov 22:00 UTC`. */
export function openingText(opensAt: Date, zone: string, now: Date): string {
  const local = new Date(localTime(opensAt.getTime(), zone));
  const time = local.toISOString().slice(11, 16);
  if (localDay(opensAt.getTime(), zone) === localDay(now.getTime(), zone)) return `${time} ${zone}`;
  const month = local.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
  return `${dayNames[local.getUTCDay()]} ${local.getUTCDate()} ${month} ${time} ${zone}`;
}
