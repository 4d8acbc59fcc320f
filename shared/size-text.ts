/** Sizes as people write them: `500k`, `100MB`, `2 GiB`; units are of 1024. */

const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes of a size, or null when the text is none. */
export function parseSize(text: string): number | null {
  const match = /^(\d+)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (unitBytes[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The exact number of bytes in the largest unit that has it whole: `8MiB`, `1000B`. */
export function exactSize(bytes: number): string {
  const fitting = ['t', 'g', 'm', 'k'].find((unit) => bytes > 0 && bytes % (unitBytes[unit] ?? 1) === 0);
  return fitting === undefined ? `${bytes}B` : `${bytes / (unitBytes[fitting] ?? 1)}${fitting.toUpperCase()}iB`;
}
