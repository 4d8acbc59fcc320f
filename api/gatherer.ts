/** Tells of a thing at once, and of what happens to it soon after only once more. */
export interface Gatherer<T> {
  note(what: T): void;
  /** Nobody listens any more. */
  forget(): void;
}

export function createGatherer<T>(ms: number, tell: (what: T) => void): Gatherer<T> {
  /** What was told within `ms`, and whether there is more to tell. */
  const told = new Map<T, { again: boolean; timer: NodeJS.Timeout }>();

  function note(what: T): void {
    const recent = told.get(what);
    if (recent) {
      recent.again = true;
      return;
    }
    const timer = setTimeout(() => {
      const again = told.get(what)?.again;
      told.delete(what);
      if (again) note(what);
    }, ms);
    timer.unref();
    told.set(what, { again: false, timer });
    tell(what);
  }

  return {
    note,
    forget() {
      for (const { timer } of told.values()) clearTimeout(timer);
      told.clear();
    },
  };
}
