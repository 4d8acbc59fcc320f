/** How answers look on stdout: JSON for programs, aligned text for people. */
import { escapeInvisibleJson, oneLine, showInvisible } from '#shared/safe-text.ts';

/** Rows under their headings; nothing at all for no rows, so say so elsewhere. */
export function printTable(headings: string[], rows: string[][]): void {
  const cells = [headings, ...rows.map((row) => row.map((cell) => oneLine(cell)))];
  const widths = headings.map((_, column) => cells.reduce((most, row) => Math.max(most, length(row[column] ?? '')), 0));
  for (const row of cells) {
    const line = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - length(cell))).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

/** One `name  value` a line; entries without a value are left out. A value of several lines stays aligned. */
export function printFields(fields: [string, string | null | undefined][]): void {
  process.stdout.write(`${formatFields(fields)}\n`);
}

export function formatFields(fields: [string, string | null | undefined][]): string {
  const shown = fields.filter((field): field is [string, string] => field[1] != null && field[1] !== '');
  const width = Math.max(0, ...shown.map(([name]) => length(name)));
  return shown
    .map(([name, value]) => {
      const lines = showInvisible(value).split('\n');
      return lines.map((line, i) => `${(i === 0 ? name : '').padEnd(width)}  ${line}`.trimEnd()).join('\n');
    })
    .join('\n');
}

export function printJson(value: unknown): void {
  process.stdout.write(`${escapeInvisibleJson(JSON.stringify(value, null, 2))}\n`);
}

/** A size as `--max-output` takes it: 500, 64k, 1G; counted by 1024. */
export function formatSize(bytes: number): string {
  const units = ['', 'k', 'M', 'G', 'T'];
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && size % 1024 === 0 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  return unit === 0 ? `${size} bytes` : `${size}${units[unit]}`;
}

function length(text: string): number {
  return [...text].length;
}
