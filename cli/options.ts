/** Reading option values. Whatever is wrong with one is a usage error that names the option. */
import { parseDuration } from '#shared/duration-text.ts';
import { parseSize } from '#shared/size-text.ts';
import { usageError } from './terminal.ts';

/** `KEY=VAL` pairs; the last of a key wins. */
export function keyValues(option: string, pairs: string[]): Record<string, string> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usageError(`${option} takes KEY=VAL, not ${JSON.stringify(at < 0 ? pair : '=...')}.`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

/** Comma separated words without white space around them; an empty text is an empty list. */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

export function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw usageError(`${option} takes a whole number, not ${JSON.stringify(text)}.`);
  }
  return value;
}

/** Seconds of a duration of at least one second. */
export function durationOption(option: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null || seconds < 1) {
    throw usageError(`${option} takes a duration such as 90s, 30m or 24h, not ${JSON.stringify(text)}.`);
  }
  return seconds;
}

/** Bytes of a size as people write it: 500, 64k, 10MB, 1GiB; units count by 1024. */
export function sizeOption(option: string, text: string): number {
  const bytes = parseSize(text);
  if (bytes === null) {
    throw usageError(`${option} takes a size such as 500k, 100MB or 2G, not ${JSON.stringify(text)}.`);
  }
  return bytes;
}

/** Refuses what stands beyond the arguments a command takes. */
export function checkArguments(args: string[], most: number, hint: string): void {
  const extra = args[most];
  if (extra !== undefined) throw usageError(`unexpected argument ${JSON.stringify(extra)}; ${hint}`);
}
