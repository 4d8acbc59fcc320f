/** Random choices that can be repeated: a run prints its seed, and HOOP_SEED gives it again. */
export class Seeded {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** In [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

export interface SeededRun {
  seed: number;
  cases: number;
  /** Choices of one case, the same whichever cases are run besides. */
  of: (index: number) => Seeded;
  /** To be put into the message of a failure. */
  repeat: (index: number) => string;
  /** The cases to run: all, or the one of HOOP_CASE. */
  indexes: () => number[];
}

/** HOOP_SEED, HOOP_CASE (one alone) and HOOP_CASES (how many) repeat or widen a run. */
export function seededRun(name: string, casesByDefault: number): SeededRun {
  const number = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);
  const seed = number(process.env.HOOP_SEED) ?? Math.floor(Math.random() * 2 ** 31);
  const cases = number(process.env.HOOP_CASES) ?? casesByDefault;
  const only = number(process.env.HOOP_CASE);
  console.log(`${name}: HOOP_SEED=${seed}, ${only === undefined ? `${cases} cases` : `case ${only}`}`);
  return {
    seed,
    cases,
    of: (index) => new Seeded(Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b)),
    repeat: (index) => `repeat with HOOP_SEED=${seed} HOOP_CASE=${index}`,
    indexes: () => (only === undefined ? Array.from({ length: cases }, (_, index) => index) : [only]),
  };
}
