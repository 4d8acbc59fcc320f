/** What is said of a series of measurements. */
export interface Summary {
  n: number;
  median: number;
  p90: number;
  p95: number;
  min: number;
  max: number;
}

export function summarize(values: number[]): Summary {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  return {
    n: sorted.length,
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p95: quantile(sorted, 0.95),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** Between two neighbours when the place is not a whole one. */
function quantile(sorted: number[], q: number): number {
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** Series by name, filled a round at a time. */
export class Series<Name extends string> {
  private readonly values = new Map<Name, number[]>();

  add(name: Name, value: number): void {
    const known = this.values.get(name);
    if (known) known.push(value);
    else this.values.set(name, [value]);
  }

  summary(name: Name): Summary {
    return summarize(this.values.get(name) ?? []);
  }

  entries(): [Name, number[]][] {
    return [...this.values];
  }

  summaries(): Partial<Record<Name, Summary>> {
    return Object.fromEntries(this.entries().map(([name, values]) => [name, summarize(values)])) as Partial<
      Record<Name, Summary>
    >;
  }

  clear(): void {
    this.values.clear();
  }
}
